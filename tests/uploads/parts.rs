//! Lengths that are told later, digests of parts, parts that are put together, first bytes along with the creation.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::{
    begin, file,
    session::{BYTES, create, digest, metadata},
};
use crate::world::{World, media, until};

const MIB: usize = 1 << 20;

#[tokio::test]
async fn a_length_may_be_told_with_any_part() {
    let world = World::start().await;
    let bytes = file(11, 2 * MIB);
    let upload = create(&world.admin, &[("upload-defer-length", "1")])
        .await
        .expect(201);
    let upload = upload.session(&world.admin);
    assert_eq!(
        upload
            .head()
            .await
            .expect(200)
            .header("upload-defer-length"),
        "1"
    );
    upload.patch(0, &bytes[..MIB]).await.expect(204);
    let length = bytes.len().to_string();
    let said = [("upload-length", length.as_str())];
    upload
        .patch_with(MIB, &bytes[MIB..MIB + 5], &said)
        .await
        .expect(204);
    assert_eq!(
        upload.head().await.expect(200).header("upload-length"),
        length
    );
    // It is not told twice in two ways.
    let other = [("upload-length", "7")];
    upload
        .patch_with(MIB + 5, b"x", &other)
        .await
        .problem(409, "conflict");
    upload.patch(MIB + 5, &bytes[MIB + 5..]).await.expect(204);
    assert_eq!(
        world.ready(&upload.material).await["original"]["sha256"],
        digest(&bytes)
    );

    // The length may be all that the last request brings.
    let late = create(&world.admin, &[("upload-defer-length", "1")])
        .await
        .expect(201);
    let late = late.session(&world.admin);
    late.patch(0, b"A few words, and no more.")
        .await
        .expect(204);
    let said = [("upload-length", "25")];
    late.patch_with(25, b"", &said).await.expect(204);
    world.ready(&late.material).await;
}

#[tokio::test]
async fn a_part_with_another_digest_is_not_taken() {
    let world = World::start().await;
    let bytes = file(12, 9 * MIB);
    let upload = begin(&world.admin, bytes.len()).await;
    let halves = [&bytes[..MIB], &bytes[MIB..]];
    let sums = |part: &[u8]| {
        [
            format!("sha1 {}", STANDARD.encode(Sha1::digest(part))),
            format!("sha256 {}", STANDARD.encode(Sha256::digest(part))),
            format!(
                "crc32 {}",
                STANDARD.encode(crc32fast::hash(part).to_be_bytes())
            ),
        ]
    };
    for sum in sums(halves[1]) {
        let headers = [("upload-checksum", sum.as_str())];
        upload
            .patch_with(0, halves[0], &headers)
            .await
            .problem(460, "checksum-mismatch");
        assert_eq!(upload.offset().await, 0);
    }
    let first = sums(halves[0]);
    let headers = [("upload-checksum", first[0].as_str())];
    upload.patch_with(0, halves[0], &headers).await.expect(204);
    // More than a part of any store, and then once more as it should be.
    let wrong = sums(halves[0]);
    let headers = [("upload-checksum", wrong[1].as_str())];
    upload
        .patch_with(MIB, halves[1], &headers)
        .await
        .problem(460, "checksum-mismatch");
    assert_eq!(upload.offset().await, MIB);
    for sum in [&sums(halves[1])[2]] {
        let headers = [("upload-checksum", sum.as_str())];
        upload
            .patch_with(MIB, halves[1], &headers)
            .await
            .expect(204);
    }
    assert_eq!(
        world.ready(&upload.material).await["original"]["sha256"],
        digest(&bytes)
    );
}

#[tokio::test]
async fn parts_that_came_side_by_side_are_put_together() {
    let world = World::start().await;
    let bytes = file(13, 7 * MIB);
    let cut = 6 * MIB;
    let mut parts = Vec::new();
    for part in [&bytes[..cut], &bytes[cut..]] {
        let length = part.len().to_string();
        let headers = [
            ("upload-length", length.as_str()),
            ("upload-concat", "partial"),
        ];
        let upload = create(&world.admin, &headers)
            .await
            .expect(201)
            .session(&world.admin);
        assert_eq!(upload.material, "", "parts make no material");
        parts.push((upload, part));
    }
    let both = parts
        .iter()
        .map(|(upload, _)| upload.path.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let said = metadata("фильм.txt", &json!({"credit": "Jarchi"}));
    let last = format!("final;{both}");
    let headers = [("upload-concat", last.as_str()), ("upload-metadata", &said)];
    create(&world.admin, &headers)
        .await
        .problem(409, "conflict");
    let (one, two) = tokio::join!(
        parts[0].0.patch(0, parts[0].1),
        parts[1].0.patch(0, parts[1].1)
    );
    one.expect(204);
    two.expect(204);
    assert_eq!(
        parts[0].0.head().await.expect(200).header("upload-concat"),
        "partial"
    );
    let whole = create(&world.admin, &headers)
        .await
        .expect(201)
        .session(&world.admin);
    // The parts are of this one by now.
    create(&world.admin, &headers)
        .await
        .problem(400, "bad-request");
    let material = world.ready(&whole.material).await;
    assert_eq!(material["original"]["sha256"], digest(&bytes));
    assert_eq!(material["credit"], "Jarchi");
    let head = whole.head().await.expect(200);
    assert_eq!(head.header("upload-concat"), last);
    assert_eq!(head.header("upload-offset"), bytes.len().to_string());
    whole
        .patch(bytes.len(), b"x")
        .await
        .problem(403, "forbidden");
    let blobs = async || {
        let all = world.server.blobs().await;
        all.iter()
            .filter(|path| !path.to_string_lossy().contains("first"))
            .count()
    };
    until("the parts to go", async || {
        (blobs().await == 1).then_some(())
    })
    .await;
    assert!(world.server.command(&["verify"]).status.success());
}

#[tokio::test]
async fn a_creation_may_bring_the_first_bytes() {
    let world = World::start().await;
    let photo = media::photo(14);
    let length = photo.bytes.len().to_string();
    let said = metadata("Сурат.jpg", &json!({"headline": {"ky": "Сүрөт"}}));
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("upload-length", length.as_str()),
        ("upload-metadata", &said),
        BYTES,
    ];
    let half = photo.bytes.len() / 2;
    let answer = world
        .admin
        .send(
            reqwest::Method::POST,
            "/v1/uploads",
            &headers,
            photo.bytes[..half].to_vec(),
        )
        .await
        .expect(201);
    assert_eq!(answer.header("upload-offset"), half.to_string());
    let told = answer.json();
    assert_eq!(
        (&told["offset"], &told["filename"]),
        (&json!(half), &json!("Сурат.jpg"))
    );
    let upload = answer.session(&world.admin);
    upload.patch(half, &photo.bytes[half..]).await.expect(204);
    let material = world.ready(&upload.material).await;
    assert_eq!(material["kind"], "photo");
    assert_eq!(material["headline"]["ky"], "Сүрөт");

    // The same bytes once more are stored once.
    let again = begin(&world.admin, photo.bytes.len()).await;
    again.patch(0, &photo.bytes).await.expect(204);
    let again = world.ready(&again.material).await;
    assert_eq!(again["original"]["sha256"], material["original"]["sha256"]);
    assert!(world.server.command(&["verify"]).status.success());
}

#[tokio::test]
async fn a_creation_that_is_sent_twice_makes_one_upload() {
    let world = World::start().await;
    let headers = [("upload-length", "9"), ("idempotency-key", "once")];
    let first = create(&world.admin, &headers).await.expect(201);
    let second = create(&world.admin, &headers).await.expect(201);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(
        first.header("jarchi-material"),
        second.header("jarchi-material")
    );
    let other = [("upload-length", "10"), ("idempotency-key", "once")];
    create(&world.admin, &other).await.problem(422, "invalid");
}
