//! Photos of every format, made on the spot by programs that are not ours: size, turning, colours. The child is the
//! real binary.

use std::{fs, io::Read, path::PathBuf, process::Command};

use image::RgbImage;
use jarchi::{
    media::{Examined, HEAD, Media, Presets, Rendered, Sniffed, sniff},
    terms::Kind,
};

struct Bench {
    media: Media,
    folder: tempfile::TempDir,
}

/// A photo that was walked through.
struct Shown {
    examined: Examined,
    made: Vec<(String, Rendered)>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let media = Media::new(
            env!("CARGO_BIN_EXE_jarchi-media").into(),
            folder.path().join("scratch"),
            2,
            jiff::tz::TimeZone::UTC,
        );
        Self { media, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a program in the folder; its arguments are divided by spaces.
    fn run(&self, program: &str, arguments: &str) {
        let done = Command::new(program)
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{program} {arguments}: {said}");
    }

    /// `ImageMagick` under the name that it has here: version 6 of Debian 12 and Ubuntu 24.04, or a later one.
    fn convert(&self, arguments: &str) {
        let old = Command::new("convert-im6.q16").arg("-version").output();
        let name = if old.is_ok() {
            "convert-im6.q16"
        } else {
            "magick"
        };
        self.run(name, arguments);
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Examines a file and makes all its pictures.
    async fn show(&self, bytes: &[u8]) -> Shown {
        let sniffed = sniff(&bytes[..bytes.len().min(HEAD)]);
        let Sniffed::Known { kind, media_type } = sniffed else {
            panic!("not taken: {sniffed:?}");
        };
        assert_eq!(kind, Kind::Photo);
        let path = self.path("original");
        fs::write(&path, bytes).unwrap();
        let open = || fs::File::open(&path).unwrap();
        let examined = self.media.examine(open(), media_type).await.unwrap();
        let mut made = Vec::new();
        for pass in Presets::built_in().passes(&examined.facts) {
            let outcomes = self
                .media
                .render(open(), &examined.facts, &pass, None, |_| ())
                .await;
            for outcome in outcomes.unwrap() {
                made.push((outcome.preset.name, outcome.result.unwrap()));
            }
        }
        Shown { examined, made }
    }
}

impl Shown {
    fn size(&self) -> (u32, u32) {
        (
            self.examined.facts.width.unwrap(),
            self.examined.facts.height.unwrap(),
        )
    }

    fn rendered(&mut self, name: &str) -> &mut Rendered {
        let found = self.made.iter_mut().find(|(preset, _)| preset == name);
        &mut found.unwrap().1
    }

    fn picture(&mut self, name: &str) -> RgbImage {
        let mut bytes = Vec::new();
        let file = self.rendered(name).file.as_mut().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        image::load_from_memory(&bytes).unwrap().into_rgb8()
    }
}

/// Where [`CORNERS`] has red, green, blue and yellow, and the colours themselves.
const PATCHES: [((u32, u32), [u8; 3]); 4] = [
    ((1, 1), [200, 40, 40]),
    ((3, 1), [40, 160, 60]),
    ((1, 3), [40, 60, 180]),
    ((3, 3), [220, 200, 60]),
];

/// `ImageMagick`'s words for a picture of 240 by 160 with four colours, so that turning shows.
const CORNERS: &str = "( -size 120x80 xc:rgb(200,40,40) xc:rgb(40,160,60) +append ) \
                       ( -size 120x80 xc:rgb(40,60,180) xc:rgb(220,200,60) +append ) -append";

/// Compares the four colours, each in the middle of its quarter.
fn compare(picture: &RgbImage, most: i32, what: &str) {
    for ((x, y), wanted) in PATCHES {
        let pixel = picture
            .get_pixel(picture.width() * x / 4, picture.height() * y / 4)
            .0;
        let off = pixel
            .iter()
            .zip(wanted)
            .map(|(a, b)| (i32::from(*a) - i32::from(b)).abs())
            .max();
        assert!(
            off.unwrap() <= most,
            "{what}: {pixel:?} instead of {wanted:?}"
        );
    }
}

#[tokio::test]
async fn formats_of_other_programs_look_as_they_were_made() {
    let bench = Bench::new();
    // Of 24 bits: heif-enc reads palettes wrongly.
    bench.convert(&format!("{CORNERS} PNG24:corners.png"));
    for (program, arguments) in [
        ("heif-enc", "-q 95 corners.png -o corners.heic"),
        ("avifenc", "-s 8 --min 1 --max 8 corners.png corners.avif"),
        (
            "avifenc",
            "-s 8 --min 1 --max 8 --irot 3 corners.png turned.avif",
        ),
        ("avifenc", "-s 8 --lossless corners.png lossless.avif"),
    ] {
        bench.run(program, arguments);
    }
    for arguments in [
        "corners.png corners.psd",
        "corners.png -depth 16 deep.psd",
        "corners.png -compress none plain.psd",
        "corners.png -depth 16 deep.tiff",
        "corners.png -colors 4 PNG8:palette.png",
        "corners.png -depth 16 PNG48:deep.png",
        "corners.png -interlace JPEG -quality 95 progressive.jpg",
        "corners.png -quality 95 -sampling-factor 1x1 full.jpg",
        "corners.png -define tiff:tile-geometry=64x64 tiled.tiff",
        "corners.png xc:black two.tiff",
        "corners.png -compress JPEG -quality 95 within.tiff",
        "corners.png -colorspace YCbCr -compress JPEG -quality 95 differences.tiff",
        "corners.png -colorspace YCbCr -compress LZW plain-differences.tiff",
        "corners.png -colors 4 -type palette -orient TopLeft palette.tiff",
        "corners.png corners.bmp",
        "corners.png -quality 95 corners.webp",
    ] {
        bench.convert(arguments);
    }
    for (name, media_type) in [
        ("corners.heic", "image/heic"),
        ("corners.avif", "image/avif"),
        ("lossless.avif", "image/avif"),
        ("corners.psd", "image/vnd.adobe.photoshop"),
        ("deep.psd", "image/vnd.adobe.photoshop"),
        ("plain.psd", "image/vnd.adobe.photoshop"),
        ("deep.tiff", "image/tiff"),
        ("palette.png", "image/png"),
        ("deep.png", "image/png"),
        ("progressive.jpg", "image/jpeg"),
        ("full.jpg", "image/jpeg"),
        ("tiled.tiff", "image/tiff"),
        ("two.tiff", "image/tiff"),
        ("within.tiff", "image/tiff"),
        ("differences.tiff", "image/tiff"),
        ("plain-differences.tiff", "image/tiff"),
        ("palette.tiff", "image/tiff"),
        ("corners.bmp", "image/bmp"),
        ("corners.webp", "image/webp"),
    ] {
        let mut shown = bench.show(&bench.read(name)).await;
        assert_eq!(shown.examined.facts.media_type, media_type, "{name}");
        assert_eq!(shown.size(), (240, 160), "{name}");
        compare(&shown.picture("large"), 8, name);
        compare(&shown.picture("thumb"), 12, name);
        assert!(!shown.rendered("large").damaged, "{name}");
    }
    let mut turned = bench.show(&bench.read("turned.avif")).await;
    assert_eq!(turned.size(), (160, 240));
    let upright = image::imageops::rotate270(&turned.picture("large"));
    compare(
        &upright,
        8,
        "three quarters against the clock are one with it",
    );
}

#[tokio::test]
async fn colours_that_are_not_srgbs_are_brought_there() {
    let bench = Bench::new();
    bench.convert(&format!("{CORNERS} -colorspace CMYK inks.tiff"));
    bench.convert(&format!("{CORNERS} -colorspace CMYK -quality 98 inks.jpg"));
    // Inks by the formula of programs are other colours than in print, but no two files may differ.
    let mut tiff = bench.show(&bench.read("inks.tiff")).await;
    let mut jpeg = bench.show(&bench.read("inks.jpg")).await;
    let (tiff, jpeg) = (tiff.picture("large"), jpeg.picture("large"));
    for ((x, y), _) in PATCHES {
        let at = |picture: &RgbImage| picture.get_pixel(x * 60, y * 40).0.map(i32::from);
        let (a, b) = (at(&tiff), at(&jpeg));
        let off = a.iter().zip(b).map(|(a, b)| (a - b).abs()).max();
        assert!(off.unwrap() < 8, "{a:?} and {b:?}");
    }
    bench.convert(&format!("{CORNERS} -quality 98 camera.jpg"));
    bench.run(
        "exiftool",
        "-q -n -overwrite_original -ColorSpace=65535 -InteropIndex=R03 camera.jpg",
    );
    let mut wide = bench.show(&bench.read("camera.jpg")).await;
    let red = wide.picture("large").get_pixel(60, 40).0;
    assert!(
        red[0] > 220,
        "redder than the same numbers in sRGB: {red:?}"
    );
    let untouched = wide.rendered("press");
    assert!(untouched.file.is_none(), "its own pixels");
}

#[tokio::test]
async fn a_phones_own_turning_holds_and_the_memory_of_it_does_not() {
    let bench = Bench::new();
    bench.convert(&format!("{CORNERS} -rotate 90 -quality 98 lying.jpg"));
    // The encoder takes the orientation of EXIF into the container, and keeps EXIF as it was.
    bench.run(
        "exiftool",
        "-q -n -overwrite_original -Orientation=8 lying.jpg",
    );
    bench.run("heif-enc", "-q 95 lying.jpg -o phone.heic");
    let mut shown = bench.show(&bench.read("phone.heic")).await;
    let mut jpeg = bench.show(&bench.read("lying.jpg")).await;
    assert_eq!(jpeg.size(), (240, 160));
    compare(
        &jpeg.picture("large"),
        8,
        "a JPEG that says how it was held",
    );
    // Whether this version of the encoder turns or not, the container's word is what is shown.
    let wanted = if shown.size() == (240, 160) {
        shown.picture("large")
    } else {
        image::imageops::rotate270(&shown.picture("large"))
    };
    compare(&wanted, 8, "a phone's picture");
}

/// A TIFF of one directory as cameras write it, with `jpeg` within and the pixels of a sensor beside it.
fn negative(jpeg: &[u8], make: [u8; 6], orientation: u16) -> Vec<u8> {
    let entries: [(u16, u16, u32, u32); 6] = [
        (254, 4, 1, 0),
        (256, 4, 1, 6000),
        (257, 4, 1, 4000),
        (262, 3, 1, 32_803),
        (271, 2, 6, 100),
        (274, 3, 1, u32::from(orientation)),
    ];
    let mut bytes = b"II*\0\x08\0\0\0\x06\0".to_vec();
    for (tag, sort, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(sort.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.resize(100, 0);
    bytes.extend(make);
    // A small picture first, as all have it, and noise that looks like the start of one.
    bytes.extend(b"\xFF\xD8\xFF\xD8\xFF");
    bytes.resize(600, 0x55);
    bytes.extend(jpeg);
    bytes.resize(bytes.len() + 500, 0xAA);
    bytes
}

#[tokio::test]
async fn raw_files_are_shown_by_the_picture_that_the_camera_made() {
    let bench = Bench::new();
    bench.convert(&format!("{CORNERS} -quality 95 upright.jpg"));
    bench.convert("upright.jpg -rotate 270 lying.jpg");
    bench.convert("upright.jpg -resize 50% small.jpg");
    let (jpeg, small) = (bench.read("upright.jpg"), bench.read("small.jpg"));
    let both = [&small[..], &jpeg[..]].concat();
    let nikon = negative(&both, *b"NIKON\0", 1);
    let sony = negative(&both, *b"SONY\0\0", 1);
    let mut olympus = negative(&both, *b"OLYMP\0", 1);
    olympus[..4].copy_from_slice(b"IIRO");
    let mut panasonic = negative(&both, *b"PANAS\0", 1);
    panasonic[..4].copy_from_slice(b"IIU\0");
    let fuji = [b"FUJIFILMCCD-RAW ", &[0; 100][..], &both].concat();
    let mut canon = b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom\0\0\0\x2ECMT1".to_vec();
    canon.extend(b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0");
    canon.resize(80, 0);
    canon.extend(&both);
    for (bytes, media_type) in [
        (nikon, "image/x-nikon-nef"),
        (sony, "image/x-sony-arw"),
        (olympus, "image/x-olympus-orf"),
        (panasonic, "image/x-panasonic-rw2"),
        (fuji, "image/x-fuji-raf"),
        (canon, "image/x-canon-cr3"),
    ] {
        let mut shown = bench.show(&bytes).await;
        assert_eq!(shown.examined.facts.media_type, media_type);
        assert_eq!(shown.size(), (240, 160), "{media_type}");
        compare(&shown.picture("large"), 8, media_type);
        compare(&shown.picture("press"), 8, media_type);
    }
    // Held upright: the sensor's picture lies, and is turned once.
    let lying = negative(&jpeg, *b"NIKON\0", 6);
    let mut shown = bench.show(&lying).await;
    assert_eq!(shown.size(), (160, 240));
    compare(
        &image::imageops::rotate270(&shown.picture("large")),
        8,
        "a sensor's",
    );
    let standing = negative(&bench.read("lying.jpg"), *b"NIKON\0", 6);
    assert_eq!(
        bench.show(&standing).await.size(),
        (160, 240),
        "turned by the camera"
    );
}
