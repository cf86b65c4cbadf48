//! Codes of countries (ISO 3166-1): of two letters, as descriptions have them, and of three, as older formats do.

/// The code of two letters, and then that of three.
const CODES: &str = "\
    AFAFG AXALA ALALB DZDZA ASASM ADAND AOAGO AIAIA AQATA AGATG ARARG AMARM AWABW AUAUS ATAUT AZAZE BSBHS BHBHR \
    BDBGD BBBRB BYBLR BEBEL BZBLZ BJBEN BMBMU BTBTN BOBOL BQBES BABIH BWBWA BVBVT BRBRA IOIOT BNBRN BGBGR BFBFA \
    BIBDI CVCPV KHKHM CMCMR CACAN KYCYM CFCAF TDTCD CLCHL CNCHN CXCXR CCCCK COCOL KMCOM CGCOG CDCOD CKCOK CRCRI \
    CICIV HRHRV CUCUB CWCUW CYCYP CZCZE DKDNK DJDJI DMDMA DODOM ECECU EGEGY SVSLV GQGNQ ERERI EEEST SZSWZ ETETH \
    FKFLK FOFRO FJFJI FIFIN FRFRA GFGUF PFPYF TFATF GAGAB GMGMB GEGEO DEDEU GHGHA GIGIB GRGRC GLGRL GDGRD GPGLP \
    GUGUM GTGTM GGGGY GNGIN GWGNB GYGUY HTHTI HMHMD VAVAT HNHND HKHKG HUHUN ISISL ININD IDIDN IRIRN IQIRQ IEIRL \
    IMIMN ILISR ITITA JMJAM JPJPN JEJEY JOJOR KZKAZ KEKEN KIKIR KPPRK KRKOR KWKWT KGKGZ LALAO LVLVA LBLBN LSLSO \
    LRLBR LYLBY LILIE LTLTU LULUX MOMAC MGMDG MWMWI MYMYS MVMDV MLMLI MTMLT MHMHL MQMTQ MRMRT MUMUS YTMYT MXMEX \
    FMFSM MDMDA MCMCO MNMNG MEMNE MSMSR MAMAR MZMOZ MMMMR NANAM NRNRU NPNPL NLNLD NCNCL NZNZL NINIC NENER NGNGA \
    NUNIU NFNFK MKMKD MPMNP NONOR OMOMN PKPAK PWPLW PSPSE PAPAN PGPNG PYPRY PEPER PHPHL PNPCN PLPOL PTPRT PRPRI \
    QAQAT REREU ROROU RURUS RWRWA BLBLM SHSHN KNKNA LCLCA MFMAF PMSPM VCVCT WSWSM SMSMR STSTP SASAU SNSEN RSSRB \
    SCSYC SLSLE SGSGP SXSXM SKSVK SISVN SBSLB SOSOM ZAZAF GSSGS SSSSD ESESP LKLKA SDSDN SRSUR SJSJM SESWE CHCHE \
    SYSYR TWTWN TJTJK TZTZA THTHA TLTLS TGTGO TKTKL TOTON TTTTO TNTUN TRTUR TMTKM TCTCA TVTUV UGUGA UAUKR AEARE \
    GBGBR USUSA UMUMI UYURY UZUZB VUVUT VEVEN VNVNM VGVGB VIVIR WFWLF EHESH YEYEM ZMZMB ZWZWE";

/// The code of three letters for one of two.
pub fn three(two: &str) -> Option<&'static str> {
    pairs().find(|pair| pair.0 == two).map(|pair| pair.1)
}

/// The code of two letters for one of either length, in any case.
pub fn two(code: &str) -> Option<&'static str> {
    let code = code.trim().to_ascii_uppercase();
    pairs()
        .find(|pair| pair.0 == code || pair.1 == code)
        .map(|pair| pair.0)
}

fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    CODES.split_whitespace().map(|pair| pair.split_at(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_a_code_of_its_own_in_both_lengths() {
        assert_eq!(pairs().count(), 249);
        assert!(
            pairs().all(|(short, long)| three(short) == Some(long) && two(long) == Some(short))
        );
        assert_eq!(
            (three("UZ"), two("kgz"), two("Uzbekistan")),
            (Some("UZB"), Some("KG"), None)
        );
    }
}
