//! Blobs, and the originals and renditions that are made of them.

use sea_orm_migration::{
    schema::{
        big_integer, big_integer_null, double, integer, integer_null, json_null, string,
        string_null, text_null, uuid,
    },
    sea_query::{ConditionalStatement, Expr, ExprTrait},
};

use super::{Shapes, index, table};

pub fn shapes() -> Shapes {
    Shapes {
        tables: vec![
            table(
                "blobs",
                &["id"],
                vec![
                    uuid("id"),
                    string("sha256"),
                    big_integer("crc32"),
                    big_integer("size"),
                    string("state"),
                    big_integer("created_at"),
                ],
            ),
            table(
                "originals",
                &["material_id", "number"],
                vec![
                    uuid("material_id"),
                    integer("number"),
                    uuid("blob_id"),
                    string("filename"),
                    string("media_type"),
                    json_null("facts"),
                    json_null("embedded"),
                    string("processing"),
                    double("progress"),
                    text_null("problem"),
                    big_integer("created_at"),
                ],
            ),
            table(
                "renditions",
                &["id"],
                vec![
                    uuid("id"),
                    uuid("material_id"),
                    integer("number"),
                    string("name"),
                    string("state"),
                    text_null("detail"),
                    string_null("media_type"),
                    big_integer("size"),
                    string_null("sha256"),
                    big_integer("crc32"),
                    integer_null("width"),
                    integer_null("height"),
                    big_integer_null("duration_ms"),
                    integer("of_version"),
                ],
            ),
            table(
                "rendition_segments",
                &["rendition_id", "position"],
                vec![
                    uuid("rendition_id"),
                    integer("position"),
                    uuid("blob_id"),
                    big_integer("start"),
                    big_integer("length"),
                ],
            ),
        ],
        indexes: vec![
            // One sealed blob for each digest; a blob that is on its way out does not stand in the way of a new one.
            index("blobs", &["sha256"])
                .unique()
                .cond_where(Expr::col("state").eq("sealed"))
                .to_owned(),
            index("originals", &["blob_id"]),
            index("originals", &["processing"]),
            index("renditions", &["material_id", "number", "name"])
                .unique()
                .to_owned(),
            index("rendition_segments", &["blob_id"]),
        ],
    }
}
