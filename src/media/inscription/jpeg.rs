//! The head of a JPEG (ISO/IEC 10918-1 annex B.1.1.4): JFIF where it was, EXIF, XMP (a long one goes on in further
//! segments, XMP part 3 section 1.1.3.1), and IPTC within Photoshop's resources.

use super::{Inscription, iim, packet, tags};
use crate::media::frame::Camera;

/// A segment's length counts itself and is said in 16 bits.
const LONGEST: usize = 0xFFFF - 2;
/// Of an extension of XMP, without what stands before it.
const LONGEST_EXTENSION: usize = 65_400;

pub fn head(inscription: &Inscription, camera: &Camera) -> Vec<u8> {
    let mut head = vec![0xFF, 0xD8];
    if let Some((unit, across, down)) = camera.density {
        let mut jfif = b"JFIF\0\x01\x02".to_vec();
        jfif.push(unit);
        jfif.extend(across.to_be_bytes());
        jfif.extend(down.to_be_bytes());
        // No thumbnail.
        jfif.extend([0, 0]);
        segment(&mut head, 0xE0, &[&jfif]);
    }
    let tiff = tags::tiff(inscription, camera);
    segment(&mut head, 0xE1, &[b"Exif\0\0", &tiff]);
    let packet = packet::split(inscription);
    segment(
        &mut head,
        0xE1,
        &[b"http://ns.adobe.com/xap/1.0/\0", packet.main.as_bytes()],
    );
    if let Some(extension) = packet.extension {
        let all = extension.text.as_bytes();
        let length = u32::try_from(all.len()).expect("a description is far below 4 GiB");
        for (part, offset) in all
            .chunks(LONGEST_EXTENSION)
            .zip((0_u32..).step_by(LONGEST_EXTENSION))
        {
            let parts: [&[u8]; 5] = [
                b"http://ns.adobe.com/xmp/extension/\0",
                extension.digest.as_bytes(),
                &length.to_be_bytes(),
                &offset.to_be_bytes(),
                part,
            ];
            segment(&mut head, 0xE1, &parts);
        }
    }
    segment(&mut head, 0xED, &[&iim::resources(inscription)]);
    head
}

fn segment(head: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    assert!(
        length <= LONGEST,
        "each sort of description is cut to its limit"
    );
    let length = u16::try_from(length + 2).expect("it was held against the limit");
    head.extend([0xFF, marker]);
    head.extend(length.to_be_bytes());
    for part in parts {
        head.extend(*part);
    }
}
