//! Filters and facets: exact, each by its name, and for staff alone where they tell of what only staff know.

use std::{fs, process::Command};

use serde_json::json;

use super::{described, found, known, texts};
use crate::world::{File, World, answer::ids, media, until};

/// A photo from a phone that knew where it was.
fn positioned(number: u32) -> File {
    let file = media::photo(number);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("photo.jpg");
    fs::write(&path, &file.bytes).expect("a file");
    let written = Command::new("exiftool")
        .args(["-q", "-overwrite_original", "-n"])
        .args(["-GPSLatitude=41.31", "-GPSLatitudeRef=N"])
        .args(["-GPSLongitude=69.28", "-GPSLongitudeRef=E"])
        .arg(&path)
        .status()
        .expect("the exiftool command");
    assert!(written.success());
    let bytes = fs::read(&path).expect("the photo");
    File { bytes, ..file }
}

#[tokio::test]
async fn places_are_found_near_a_point_by_those_who_know_of_them() {
    let world = World::start().await;
    let place = |latitude: f64, longitude: f64| {
        json!({
            "place": {"latitude": latitude, "longitude": longitude},
            "audiences": ["public"],
        })
    };
    let tashkent = described(&world, "one", place(41.3111, 69.2797)).await;
    let samarkand = described(&world, "two", place(39.6542, 66.9597)).await;
    let both = [samarkand.as_str(), tashkent.as_str()];
    assert_eq!(
        found(&world, &[("near", "41.31,69.24,5km")]).await,
        [tashkent.as_str()]
    );
    assert_eq!(found(&world, &[("near", "41.31,69.24,300km")]).await, both);
    assert!(
        found(&world, &[("near", "41.31,69.24,500m")])
            .await
            .is_empty()
    );
    for wrong in ["Tashkent", "41.31,69.24", "91,0,5km", "41.31,69.24,0km"] {
        let refused = world
            .public()
            .list("/v1/materials", &[("near", wrong)])
            .await;
        let problem = refused.problem(400, "bad-request");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("“near”"), "{detail}");
    }
}

#[tokio::test]
async fn a_position_from_the_file_counts_once_an_editor_has_confirmed_it() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    let photo = world.published(&positioned(1), &open).await;
    known(&world, &photo).await;
    let near = [("near", "41.31,69.28,1km")];
    assert_eq!(ids(&world.admin.materials(&near).await), [photo.as_str()]);
    assert!(found(&world, &near).await.is_empty());
    let other = json!({"name": {"en": "Another district"}});
    let other = world.admin.post("/v1/units", &other).await.expect(201).id();
    let elsewhere = world.person("editor", Some(&other), &[]).await;
    assert_eq!(elsewhere.materials(&near).await["total"], 0);

    let confirmed = json!({"place": {"latitude": 41.31, "longitude": 69.28}});
    let path = format!("/v1/materials/{photo}");
    world.admin.patch(&path, &confirmed).await.expect(200);
    until("the place to be everybody's", async || {
        (found(&world, &near).await == [photo.as_str()]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn pictures_and_sounds_are_found_by_their_measures() {
    let world = World::start().await;
    let open = json!({"audiences": ["public"]});
    // 640 by 480 pixels, and a second.
    let photo = world.published(&media::photo(1), &open).await;
    let sound = world.published(&media::sound(1), &open).await;
    for id in [&photo, &sound] {
        known(&world, id).await;
    }
    for (query, expected) in [
        (&[("orientation", "landscape")][..], Some(&photo)),
        (&[("orientation", "portrait")], None),
        (
            &[("orientation", "portrait"), ("orientation", "landscape")],
            Some(&photo),
        ),
        (&[("min_width", "640"), ("min_height", "480")], Some(&photo)),
        (&[("min_width", "641")], None),
        (&[("min_height", "481")], None),
        (
            &[("min_duration_ms", "500"), ("max_duration_ms", "1500")],
            Some(&sound),
        ),
        (&[("min_duration_ms", "1500")], None),
        (&[("max_duration_ms", "500")], None),
    ] {
        let expected: Vec<&str> = expected.into_iter().map(String::as_str).collect();
        assert_eq!(found(&world, query).await, expected, "{query:?}");
    }
    for (name, value) in [
        ("orientation", "upright"),
        ("min_width", "-1"),
        ("min_height", "tall"),
        ("min_duration_ms", "-5"),
        ("max_duration_ms", "1s"),
        ("min_width", "99999999999"),
    ] {
        let refused = world.public().list("/v1/materials", &[(name, value)]).await;
        let problem = refused.problem(400, "bad-request");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("“{name}”")), "{detail}");
    }
}

#[tokio::test]
async fn what_nobody_has_said_is_for_the_staff_to_know() {
    let world = World::start().await;
    let whole = json!({"caption": {"en": "What is shown"}, "credit": "The office", "audiences": ["public"]});
    described(&world, "one", whole).await;
    let captioned = json!({"caption": {"en": "What else"}, "audiences": ["public"]});
    let captioned = described(&world, "two", captioned).await;
    let bare = described(&world, "three", json!({"audiences": ["public"]})).await;

    let missing = async |query: &[(&str, &str)]| ids(&world.admin.materials(query).await);
    assert_eq!(missing(&[("missing", "caption")]).await, [bare.as_str()]);
    assert_eq!(
        missing(&[("missing", "credit")]).await,
        [bare.as_str(), captioned.as_str()]
    );
    let either = [("missing", "caption"), ("missing", "credit")];
    assert_eq!(missing(&either).await.len(), 2);

    world
        .public()
        .list("/v1/materials", &[("missing", "credit")])
        .await
        .problem(401, "unauthenticated");
    let reader = world.person("reader", None, &["press"]).await;
    reader
        .list("/v1/materials", &[("missing", "credit")])
        .await
        .problem(403, "forbidden");
    let other = json!({"name": {"en": "Another district"}});
    let other = world.admin.post("/v1/units", &other).await.expect(201).id();
    let elsewhere = world.person("editor", Some(&other), &[]).await;
    let list = elsewhere.materials(&[("missing", "credit")]).await;
    assert_eq!(list["total"], 0, "it is another unit's round");
    world
        .admin
        .list("/v1/materials", &[("missing", "sense")])
        .await
        .problem(400, "bad-request");
}

#[tokio::test]
async fn facets_are_counted_once_and_exactly() {
    let world = World::start().await;
    texts(&world, &["Birinchi", "Ikkinchi", "Uchinchi"]).await;
    let every = "kind,genre,language,keyword,person,event,unit,audience,status,processing,year";
    let list = world
        .admin
        .materials(&[("facets", every), ("facets", "kind,kind"), ("limit", "1")])
        .await;
    assert_eq!(list["total"], 3);
    for name in every.split(',') {
        assert!(list["facets"][name].is_array(), "{name}: {list:#}");
    }
    let kind = &list["facets"]["kind"][0];
    assert_eq!(
        (&kind["value"], &kind["count"]),
        (&json!("text"), &json!(3))
    );
    for (query, name) in [
        (("facets", "colour"), "facets"),
        (("from", "yesterday"), "from"),
        (("to", "2026-02-30"), "to"),
        (("date", "printed"), "date"),
        (("language", "not a tag"), "language"),
    ] {
        let refused = world.public().list("/v1/materials", &[query]).await;
        let problem = refused.problem(400, "bad-request");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("“{name}”")), "{detail}");
    }
}

#[tokio::test]
async fn days_are_whole_days_of_the_office() {
    let world = World::start().await;
    let taken = json!({"taken_at": "2026-03-07T19:30:00Z", "audiences": ["public"]});
    // In Tashkent it was half past midnight of the eighth.
    let id = described(&world, "taken", taken).await;
    for (from, to, is_found) in [
        ("2026-03-08", "2026-03-08", true),
        ("2026-03-07", "2026-03-07", false),
        ("2026-03-07T19:30:00Z", "2026-03-07T19:30:01Z", true),
        ("2026-03-07T19:30:00Z", "2026-03-08T00:30:00+05:00", false),
        ("2026-03-09", "2026-03-07", false),
    ] {
        let query = [("date", "taken"), ("from", from), ("to", to)];
        let expected: Vec<&str> = is_found.then_some(id.as_str()).into_iter().collect();
        assert_eq!(found(&world, &query).await, expected, "{from} to {to}");
    }
}
