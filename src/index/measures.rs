//! What was measured of a material and can be asked for: how large it is, how long, where it was taken, how it looks. A
//! position that people gave is everybody's; one that only the file tells is for those who see the unit's drafts.

use std::{ops::Bound, sync::Arc};

use serde::{Deserialize, Serialize};
use tantivy::{
    DocId, SegmentReader, TantivyDocument, Term,
    query::{
        BooleanQuery, ConstScoreQuery, Query, RangeQuery,
        doc_predicate_query::{DocPredicateQuery, FunctionPredicate},
    },
    schema::{FAST, Field, SchemaBuilder},
};

use super::{
    looks,
    query::{Search, any_of, both},
    schema::{code, column},
    sight::{Sight, Viewer, only},
};

/// The mean radius of the Earth (IUGG), in metres.
const EARTH: f64 = 6_371_008.8;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measures {
    /// In pixels, as people see it.
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub duration_ms: Option<i64>,
    /// Where it was taken, as people said.
    pub position: Option<Point>,
    /// The same as the file says, for those alone who see the unit's drafts.
    pub told_by_file: Option<Point>,
    /// The perceptual hash of a photo.
    pub looks: Option<u64>,
}

/// Degrees north and east, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub latitude: f64,
    pub longitude: f64,
}

/// Not farther than so many metres from a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    pub point: Point,
    pub meters: f64,
}

/// Which way a picture lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    Landscape,
    Portrait,
    Square,
}

impl Orientation {
    const fn of(width: u32, height: u32) -> Self {
        if width > height {
            Self::Landscape
        } else if width < height {
            Self::Portrait
        } else {
            Self::Square
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Landscape => "landscape",
            Self::Portrait => "portrait",
            Self::Square => "square",
        }
    }
}

impl Point {
    /// Metres along the great circle, on a sphere: true to half a hundredth.
    pub fn meters_to(self, other: Self) -> f64 {
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let north = ((to - from) / 2.0).sin();
        let east = ((other.longitude - self.longitude).to_radians() / 2.0).sin();
        let half = north * north + from.cos() * to.cos() * east * east;
        2.0 * EARTH * half.clamp(0.0, 1.0).sqrt().asin()
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Columns {
    width: Field,
    height: Field,
    duration: Field,
    orientation: Field,
    latitude: Field,
    longitude: Field,
    file_latitude: Field,
    file_longitude: Field,
    pub looks: Field,
    /// Pieces of `looks`, to look up what is near it.
    pub bands: Field,
}

impl Columns {
    pub fn of(schema: &mut SchemaBuilder) -> Self {
        Self {
            width: schema.add_u64_field("width", FAST),
            height: schema.add_u64_field("height", FAST),
            duration: schema.add_i64_field("duration", FAST),
            orientation: schema.add_text_field("orientation", code()),
            latitude: schema.add_f64_field(column::LATITUDE, FAST),
            longitude: schema.add_f64_field(column::LONGITUDE, FAST),
            file_latitude: schema.add_f64_field(column::FILE_LATITUDE, FAST),
            file_longitude: schema.add_f64_field(column::FILE_LONGITUDE, FAST),
            looks: schema.add_u64_field(column::LOOKS, FAST),
            bands: schema.add_text_field("bands", code()),
        }
    }
}

impl Measures {
    pub fn add_to(&self, row: &mut TantivyDocument, columns: &Columns) {
        for (field, pixels) in [(columns.width, self.width), (columns.height, self.height)] {
            if let Some(pixels) = pixels {
                row.add_u64(field, u64::from(pixels));
            }
        }
        if let Some((width, height)) = self.width.zip(self.height) {
            row.add_text(columns.orientation, Orientation::of(width, height).as_str());
        }
        if let Some(duration) = self.duration_ms {
            row.add_i64(columns.duration, duration);
        }
        // What people said of the place stands before what the file tells.
        let by_file = self.told_by_file.filter(|_| self.position.is_none());
        for (latitude, longitude, point) in [
            (columns.latitude, columns.longitude, self.position),
            (columns.file_latitude, columns.file_longitude, by_file),
        ] {
            if let Some(point) = point {
                row.add_f64(latitude, point.latitude);
                row.add_f64(longitude, point.longitude);
            }
        }
        if let Some(hash) = self.looks {
            row.add_u64(columns.looks, hash);
            for band in looks::bands(hash) {
                row.add_text(columns.bands, band);
            }
        }
    }
}

/// What a search asks of what was measured.
pub fn filters(search: &Search, columns: &Columns, viewer: &Arc<Viewer>) -> Vec<Box<dyn Query>> {
    let mut filters = Vec::new();
    if !search.orientations.is_empty() {
        let ways = search.orientations.iter();
        let ways = ways.map(|way| way.as_str().to_owned()).collect();
        filters.push(any_of(columns.orientation, ways));
    }
    for (field, least) in [
        (columns.width, search.min_width),
        (columns.height, search.min_height),
    ] {
        let least = least.map(|least| Term::from_field_u64(field, u64::from(least)));
        filters.extend(between(least, None));
    }
    let duration = |milliseconds| Term::from_field_i64(columns.duration, milliseconds);
    filters.extend(between(
        search.min_duration_ms.map(duration),
        search.max_duration_ms.map(duration),
    ));
    filters.extend(search.near.map(|near| by_place(near, columns, viewer)));
    filters
}

/// Values from the one to the other, inclusive; `None` where neither bounds.
fn between(least: Option<Term>, most: Option<Term>) -> Option<Box<dyn Query>> {
    if least.is_none() && most.is_none() {
        return None;
    }
    let bound = |term: Option<Term>| term.map_or(Bound::Unbounded, Bound::Included);
    Some(Box::new(RangeQuery::new(bound(least), bound(most))))
}

fn by_place(near: Near, columns: &Columns, viewer: &Arc<Viewer>) -> Box<dyn Query> {
    let degrees = (near.meters / EARTH).to_degrees();
    // The parallels between which the circle lies; the columns' own scan is far quicker than to reckon distances.
    let belt = |field| {
        let edge = |latitude| Some(Term::from_field_f64(field, latitude));
        between(
            edge(near.point.latitude - degrees),
            edge(near.point.latitude + degrees),
        )
    };
    let circle = |field, latitude, longitude| {
        let within = within(near, latitude, longitude);
        match belt(field) {
            Some(belt) => both(belt, within),
            None => within,
        }
    };
    let said = circle(columns.latitude, column::LATITUDE, column::LONGITUDE);
    let by_file = circle(
        columns.file_latitude,
        column::FILE_LATITUDE,
        column::FILE_LONGITUDE,
    );
    Box::new(BooleanQuery::union(vec![
        said,
        both(by_file, only(viewer, Sight::sees_unit)),
    ]))
}

fn within(near: Near, latitude: &'static str, longitude: &'static str) -> Box<dyn Query> {
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let latitudes = segment.fast_fields().f64(latitude)?;
        let longitudes = segment.fast_fields().f64(longitude)?;
        Ok(move |doc: DocId| {
            let point = latitudes.first(doc).zip(longitudes.first(doc));
            point.is_some_and(|(latitude, longitude)| {
                let point = Point {
                    latitude,
                    longitude,
                };
                near.point.meters_to(point) <= near.meters
            })
        })
    });
    Box::new(ConstScoreQuery::new(
        Box::new(DocPredicateQuery::from(predicate)),
        0.0,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_globe() {
        let point = |latitude, longitude| Point {
            latitude,
            longitude,
        };
        let (tashkent, bishkek) = (point(41.311, 69.24), point(42.874, 74.612));
        let apart = tashkent.meters_to(bishkek);
        assert!((470_000.0..478_000.0).contains(&apart), "{apart}");
        assert!(tashkent.meters_to(tashkent) < 0.001);
        let over_the_date_line = point(0.0, 179.9).meters_to(point(0.0, -179.9));
        assert!((22_000.0..22_500.0).contains(&over_the_date_line));
        assert!(
            (20_000_000.0..20_040_000.0).contains(&point(90.0, 0.0).meters_to(point(-90.0, 77.0)))
        );
    }

    #[test]
    fn a_picture_lies_one_way() {
        assert_eq!(Orientation::of(4, 3), Orientation::Landscape);
        assert_eq!(Orientation::of(3, 4), Orientation::Portrait);
        assert_eq!(Orientation::of(3, 3), Orientation::Square);
    }
}
