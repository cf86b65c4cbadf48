//! Office files as people see them. Comes in: a text that `LibreOffice` opens. Goes out: its pages as a PDF, printed in a box
//! of its own; what is drawn of them is drawn as of any other PDF, in ours.

use std::{fs::File, io, os::unix::fs::OpenOptionsExt, path::PathBuf, time::Duration};

use super::{
    Media, Program, document::PDF, facts::Facts, folder::Folder, office, size_of, text, to_read,
};
use crate::{
    error::{Error, Result},
    terms::{FORMATS, Kind},
};

/// The program starts in seconds, and a long document prints in a minute; on a machine that is busy with others.
const PATIENCE: Duration = Duration::from_mins(3);
/// No print is longer, in bytes.
const LONGEST: u64 = 256 << 20;
/// No office file is longer, in bytes.
const LARGEST: u64 = 512 << 20;

const ORIGINAL: &str = "original";
/// Prints the first page of the original, whose extension and filter are given. The program that `LibreOffice` starts with
/// is passed by: it wants to write where nobody may. One that meets its profile for the first time ends with 81 and wants
/// to be started again. What is in the folder in the end is anybody's, so the shell reads it inside of the box.
const SCRIPT: &str = r#"
mv original "print.$2"
office=$(readlink -f "$1").bin
print() {
  "$office" -env:UserInstallation="file://$PWD/profile" -env:OSL_SOCKET_PATH=. --headless --norestore --nolockcheck \
    --convert-to "pdf:$3:{\"PageRange\":{\"type\":\"string\",\"value\":\"1\"}}" "print.$2" >&2
}
print "$@" || { [ $? = 81 ] && print "$@"; } || exit
exec cat print.pdf
"#;

/// Whether `LibreOffice` prints files of this type, where it is there.
pub fn prints(media_type: &str) -> bool {
    media_type == text::RTF || office::reads(media_type)
}

impl Media {
    /// The first page of an office file as a PDF, and what is known of that. Only it is drawn.
    ///
    /// # Errors
    /// `Unusable` where it cannot be printed; `Unavailable` where no process or folder can be had.
    pub(super) async fn print(&self, original: &File, facts: &Facts) -> Result<(File, Facts)> {
        let Some(printer) = self.printer.as_deref() else {
            return Err(Error::Unusable("its pages are not drawn here".into()));
        };
        let folder = Folder::new(&self.scratch).await?;
        let named = FORMATS
            .iter()
            .find(|format| format.media_type == facts.media_type);
        copy(original, folder.path.join(ORIGINAL)).await?;
        let program = Program {
            path: "/bin/sh".into(),
            arguments: vec![
                "-c".into(),
                SCRIPT.into(),
                "sh".into(),
                printer.display().to_string(),
                named.map_or("bin", |format| format.extension).into(),
                filter(&facts.media_type).into(),
            ],
            folder: folder.path.clone(),
        };
        let pages = self.run(program, PATIENCE, LONGEST).await?;
        if size_of(&pages)? == 0 {
            return Err(Error::Unusable("nothing of it could be printed".into()));
        }
        Ok((pages, Facts::new(Kind::Text, PDF)))
    }
}

/// What `LibreOffice` calls its way from such a file to a PDF.
fn filter(media_type: &str) -> &'static str {
    if media_type.contains("presentation") {
        "impress_pdf_Export"
    } else if media_type.contains("spreadsheet") {
        "calc_pdf_Export"
    } else {
        "writer_pdf_Export"
    }
}

/// Puts the file where the program finds it.
async fn copy(original: &File, path: PathBuf) -> Result<()> {
    if size_of(original)? > LARGEST {
        let most = LARGEST >> 20;
        return Err(Error::Unusable(format!("it is longer than {most} MiB")));
    }
    let mut original = File::from(to_read(original)?);
    let copied = tokio::task::spawn_blocking(move || {
        let mut new = File::options();
        let mut copy = new.write(true).create_new(true).mode(0o600).open(path)?;
        io::copy(&mut original, &mut copy).map(|_| ())
    });
    copied
        .await
        .map_err(|cause| Error::internal("copying an original", cause))?
        .map_err(|cause| Error::unavailable("the folder for scratch files", cause))
}
