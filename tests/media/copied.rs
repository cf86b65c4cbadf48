//! Films that are fit for the screen already: their pictures and their sound go on as they are, and nothing else does.

use super::{World, bytes, named, place};

/// Twelve seconds, as a careful newsroom sends them.
const FIT: &str = "-f lavfi -i testsrc2=size=640x360:rate=25:duration=12 -f lavfi -i anoisesrc=c=pink:a=0.5:d=12 \
                   -af loudnorm=I=-23:TP=-2:LRA=7 -ar 48000 -ac 2 -c:a aac -b:a 128k -c:v libx264 -preset veryfast -crf 32 \
                   -pix_fmt yuv420p -g 50";

/// What is made of a film: its `preview`, which has the film's own size, and whether it was copied.
async fn preview(world: &World, film: &[u8]) -> (Vec<u8>, bool) {
    let examined = world.examine(film).await.unwrap();
    let presets = named(&examined.facts, &["preview", "web", "storyboard"]);
    let outcomes = world.render(film, &examined.facts, &presets).await;
    let [preview, web, storyboard] = <[_; 3]>::try_from(outcomes).unwrap();
    let (mut preview, mut web) = (preview.result.unwrap(), web.result.unwrap());
    storyboard.result.unwrap();
    assert_eq!(preview.copied, web.copied);
    let copied = preview.copied;
    let made = bytes(&mut preview);
    assert_eq!(made, bytes(&mut web), "both have the film's own size");
    world.plays(&made, "preview");
    assert!(place(&made, b"moov") < place(&made, b"mdat"));
    (made, copied)
}

impl World {
    /// A digest of each picture or sound as it is decoded, and when it is shown.
    fn decoded(&self, film: &[u8], stream: &str) -> Vec<String> {
        let path = self.folder.path().join("decoded.mp4");
        std::fs::write(&path, film).unwrap();
        let path = path.display();
        let out = self.ffmpeg(&format!("-i {path} -map 0:{stream} -f framemd5"));
        let lines = String::from_utf8(out).unwrap();
        let frames = lines.lines().filter(|line| !line.starts_with('#'));
        frames.map(str::to_owned).collect()
    }

    fn coded(&self, film: &[u8], stream: &str) -> String {
        let path = self.folder.path().join("coded.mp4");
        std::fs::write(&path, film).unwrap();
        let out = format!("-i {} -map 0:{stream} -c copy -f md5", path.display());
        String::from_utf8(self.ffmpeg(&out)).unwrap()
    }
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|part| part == words)
}

#[tokio::test]
async fn what_is_fit_goes_on_as_it_is() {
    let world = World::new();
    for container in ["-bf 2 -f mp4", "-bf 0 -f mov", "-bf 0 -f matroska"] {
        let film = world.ffmpeg(&format!("{FIT} {container}"));
        let (made, copied) = preview(&world, &film).await;
        assert!(copied, "{container}");
        for stream in ["v", "a"] {
            assert_eq!(
                world.decoded(&made, stream).len(),
                world.decoded(&film, stream).len(),
                "{container}: {stream}"
            );
        }
        // Matroska counts in milliseconds, and says nothing of how much its sound takes.
        if !container.contains("matroska") {
            assert_eq!(world.decoded(&made, "v"), world.decoded(&film, "v"));
            let [own, kept] = [&film, &made].map(|film| world.coded(film, "a"));
            assert_eq!(kept, own, "{container}");
        }
        // The encoder's own remarks stand beside the picture: who knows what else does.
        assert!(holds(&film, b"x264 - core") && !holds(&made, b"x264 - core"));
    }
}

#[tokio::test]
async fn sound_that_is_too_loud_is_brought_down_while_the_pictures_stay() {
    let world = World::new();
    let film = world.ffmpeg(&format!("{FIT} -f mp4").replace("I=-23", "I=-12"));
    let (made, copied) = preview(&world, &film).await;
    assert!(copied);
    assert_eq!(world.decoded(&made, "v"), world.decoded(&film, "v"));
    assert_ne!(world.coded(&made, "a"), world.coded(&film, "a"));
}

#[tokio::test]
async fn what_is_not_fit_is_encoded_anew() {
    let world = World::new();
    // Without the sound, which may be fit by itself.
    let silent = FIT
        .split_once("-af")
        .unwrap()
        .1
        .split_once("-c:v")
        .unwrap()
        .1;
    let film = |more: &str| {
        let picture = "-f lavfi -i testsrc2=size=640x360:rate=25:duration=12";
        world.ffmpeg(&format!("{picture} -c:v {silent} {more} -f mp4"))
    };
    assert!(preview(&world, &film("")).await.1);
    for more in [
        "-g 250 -sc_threshold 0",
        "-crf 5",
        "-pix_fmt yuv420p10le",
        "-pix_fmt yuv444p",
        "-pix_fmt yuvj420p",
        "-flags +ilme+ildct -x264-params tff=1",
        "-vf setsar=4/3",
        "-color_trc arib-std-b67 -color_primaries bt2020 -colorspace bt2020nc",
        "-c:v mpeg4 -q:v 5",
    ] {
        assert!(!preview(&world, &film(more)).await.1, "{more}");
    }
    let upright = world.folder.path().join("upright.mp4");
    std::fs::write(&upright, film("")).unwrap();
    let turned = format!(
        "-i {} -c copy -metadata:s:v rotate=90 -f mp4",
        upright.display()
    );
    assert!(!preview(&world, &world.ffmpeg(&turned)).await.1, "turned");
    let mut broken = film("");
    let middle = broken.len() / 2;
    broken[middle..middle + 2000].fill(0x5a);
    assert!(!preview(&world, &broken).await.1, "broken in its middle");
}

#[tokio::test]
async fn what_was_cut_out_of_a_film_goes_nowhere() {
    let world = World::new();
    let whole = world.folder.path().join("whole.mp4");
    std::fs::write(&whole, world.ffmpeg(&format!("{FIT} -f mp4"))).unwrap();
    // From the middle of a group: its beginning stays in the file, and an edit list hides it.
    let cut = world.ffmpeg(&format!("-ss 3.2 -i {} -c copy -f mp4", whole.display()));
    let (made, _) = preview(&world, &cut).await;
    let frames = world.decoded(&made, "v").len();
    let shown = world.decoded(&cut, "v").len();
    assert!(frames.abs_diff(shown) <= 1, "{frames} of {shown} frames");
    let coded = "-select_streams v -count_packets -show_entries stream=nb_read_packets";
    let packets: usize = world.probe(&made, coded).parse().unwrap();
    assert!(
        packets.abs_diff(shown) <= 1,
        "{packets} packets for {shown} frames"
    );
}
