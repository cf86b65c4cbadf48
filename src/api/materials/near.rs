//! `near=41.31,69.24,5km`: a point and how far from it, as people type it.

use super::asked::wrong;
use crate::{
    error::Result,
    index::{Near, Point},
};

/// Half the way round the Earth, in metres: farther away is nothing.
const FARTHEST: f64 = 20_038_000.0;

/// Degrees north and east (WGS 84), and a distance in `km` or `m`.
///
/// # Errors
/// A bad request that names the parameter.
pub fn near(text: &str) -> Result<Near> {
    let unread = || {
        let words =
            "is not a point and a distance such as 41.31,69.24,5km (degrees north and east)";
        wrong("near", &format!("“{text}” {words}"))
    };
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [latitude, longitude, distance] = parts[..] else {
        return Err(unread());
    };
    let (number, unit) = match distance.strip_suffix("km") {
        Some(number) => (number, 1000.0),
        None => (distance.strip_suffix('m').ok_or_else(unread)?, 1.0),
    };
    let read = |number: &str| number.trim().parse::<f64>().map_err(|_| unread());
    let point = Point {
        latitude: read(latitude)?,
        longitude: read(longitude)?,
    };
    let meters = read(number)? * unit;
    if !(-90.0..=90.0).contains(&point.latitude) || !(-180.0..=180.0).contains(&point.longitude) {
        let words = "degrees north go from -90 to 90, degrees east from -180 to 180";
        return Err(wrong("near", words));
    }
    if !(meters > 0.0 && meters <= FARTHEST) {
        let words = "the distance is more than nothing and at most 20038km";
        return Err(wrong("near", words));
    }
    Ok(Near { point, meters })
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn points_and_distances_are_read() {
        let read = near("41.31,69.24,5km").unwrap();
        assert!((read.meters - 5000.0).abs() < 0.001);
        assert!((read.point.longitude - 69.24).abs() < 0.001);
        assert!((near("-41.5, -69 , 250 m").unwrap().meters - 250.0).abs() < 0.001);
        for wrong in [
            "",
            "41.31,69.24",
            "41.31,69.24,5",
            "41.31,69.24,5mi",
            "41.31,69.24,0km",
            "41.31,69.24,-1km",
            "41.31,69.24,NaNkm",
            "41.31,69.24,infkm",
            "41.31,69.24,30000km",
            "91,69.24,5km",
            "41.31,181,5km",
            "NaN,69.24,5km",
            "41,31,69,24,5km",
            "Tashkent,5km",
        ] {
            assert!(near(wrong).is_err(), "{wrong}");
        }
    }
}
