//! Films that may say where they were taken, whether or not anybody here can read it.

use super::World;

#[tokio::test]
async fn a_film_that_may_say_where_it_was_taken_counts_as_one_that_does() {
    const SOURCE: &str = "-f lavfi -i testsrc=size=320x180:rate=10:duration=1";
    const FILM: &str = "-c:v libx264 -pix_fmt yuv420p -timecode 10:00:00:00 -f mov";
    let world = World::new();
    let plain = world.ffmpeg(&format!("{SOURCE} {FILM}"));
    assert!(!world.examine(&plain).await.unwrap().facts.positioned);
    let tagged = world.ffmpeg(&format!("{SOURCE} -metadata location=N41E69 {FILM}"));
    let examined = world.examine(&tagged).await.unwrap();
    assert_eq!(examined.embedded.place.latitude, None);
    assert!(examined.facts.positioned);
    // A track of times stands in for one of positions.
    for name in [b"gpmd", b"mebx", b"camm"] {
        let mut tracked = plain.clone();
        while let Some(at) = tracked.windows(4).position(|window| window == b"tmcd") {
            tracked[at..at + 4].copy_from_slice(name);
        }
        assert!(world.examine(&tracked).await.unwrap().facts.positioned);
    }
}
