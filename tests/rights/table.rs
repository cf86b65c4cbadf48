//! THE TABLE of who may do what: a row for each operation of the `OpenAPI` document. A route without one fails the test.
//!
//! `role` is who may ask at all: the public is 401 else, a lesser role 403. `thing` is what is named in the path; to whom
//! may not see it there is none: 404, or 410 with the notice where it had been open and was withdrawn. `right` is what
//! whoever sees it needs besides, else 403: `inside` is to be of its unit's staff (`inner`: to others this is not there, 404),
//! `own` the contributor's own draft and all of an editor's unit, `unit` an editor's unit. `then` is the answer to who is let through, which changes nothing: what takes a condition is asked under
//! one that never holds (412).

pub const TABLE: &str = "
operation                                       role         thing     right  then
GET     /healthz                                anyone       -         -      200
GET     /readyz                                 anyone       -         -      200
GET     /metrics                                anyone       -         -      200
GET     /openapi.json                           anyone       -         -      200

GET     /v1/materials                           anyone       -         -      200
POST    /v1/materials                           contributor  -         -      422
POST    /v1/materials/batch                     contributor  -         -      200
GET     /v1/materials/{id}                      anyone       material  -      200
PATCH   /v1/materials/{id}                      reader       material  own    412
DELETE  /v1/materials/{id}                      reader       material  own    412
GET     /v1/materials/{id}/deliveries           editor       material  inner  200
GET     /v1/materials/{id}/history              contributor  material  inner  200
GET     /v1/materials/{id}/notices              editor       material  inner  200
GET     /v1/materials/{id}/original             anyone       material  -      200
PUT     /v1/materials/{id}/original             contributor  material  own    400
GET     /v1/materials/{id}/progress             reader       material  inside 200
GET     /v1/materials/{id}/renditions/{name}    anyone       material  -      200
POST    /v1/materials/{id}/reprocess            reader       material  own    202
GET     /v1/materials/{id}/similar              anyone       material  -      200
POST    /v1/materials/{id}/transitions          reader       material  own    412
GET     /v1/suggestions                         anyone       -         -      200

GET     /v1/kits                                anyone       -         -      200
POST    /v1/kits                                editor       -         -      422
GET     /v1/kits/{id}                           anyone       kit       -      200
PATCH   /v1/kits/{id}                           editor       kit       unit   412
DELETE  /v1/kits/{id}                           editor       kit       unit   412
GET     /v1/kits/{id}/archive                   anyone       kit       -      200
GET     /v1/kits/{id}/archive/entries           anyone       kit       -      200
POST    /v1/kits/{id}/items                     editor       kit       unit   412
DELETE  /v1/kits/{id}/items/{material}          editor       kit       unit   412
GET     /v1/kits/{id}/links                     editor       kit       unit   200
POST    /v1/kits/{id}/links                     editor       kit       unit   201
DELETE  /v1/kits/{id}/links/{link}              editor       kit       unit   404
GET     /v1/kits/{id}/notices                   editor       kit       inner  200
GET     /v1/kits/{id}/readiness                 contributor  kit       inside 200
GET     /v1/kits/{id}/statistics                editor       kit       inner  200
POST    /v1/kits/{id}/transitions               editor       kit       unit   412

GET     /v1/events                              anyone       -         -      200
POST    /v1/events                              contributor  -         -      422
GET     /v1/events/{id}                         anyone       event     -      200
PATCH   /v1/events/{id}                         editor       event     unit   412
DELETE  /v1/events/{id}                         editor       event     unit   412

GET     /v1/changes                             anyone       -         -      200
GET     /v1/notices                             reader       -         -      200
POST    /v1/notices/{id}/acknowledgement        reader       -         -      404

GET     /v1/searches                            reader       -         -      200
POST    /v1/searches                            reader       -         -      422
GET     /v1/searches/{id}                       reader       search    -      200
PATCH   /v1/searches/{id}                       reader       search    -      412
DELETE  /v1/searches/{id}                       reader       search    -      412
GET     /v1/searches/{id}/feed                  anyone       feed      -      200

GET     /v1/uploads                             contributor  -         -      200
POST    /v1/uploads                             contributor  -         -      400
OPTIONS /v1/uploads                             anyone       -         -      204
POST    /v1/uploads/check                       contributor  -         -      200
GET     /v1/uploads/{id}                        contributor  upload    -      200
PATCH   /v1/uploads/{id}                        contributor  upload    -      409
DELETE  /v1/uploads/{id}                        contributor  upload    -      412

GET     /v1/units                               anyone       -         -      200
POST    /v1/units                               admin        -         -      422
GET     /v1/units/{id}                          anyone       -         -      200
PATCH   /v1/units/{id}                          admin        -         -      412
GET     /v1/vocabularies/{name}                 anyone       -         -      200
GET     /v1/me                                  reader       -         -      200
GET     /v1/accounts                            editor       -         -      200
GET     /v1/tokens                              reader       -         -      200
POST    /v1/tokens                              editor       -         -      422
DELETE  /v1/tokens/{id}                         reader       -         -      404
GET     /v1/audit                               editor       -         -      200
GET     /v1/audit/export                        editor       -         -      200
";

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub verb: &'static str,
    pub path: &'static str,
    pub role: &'static str,
    pub thing: &'static str,
    pub right: &'static str,
    pub then: u16,
}

pub fn rules() -> Vec<Rule> {
    let rows = TABLE.lines().filter(|line| line.contains(" /"));
    rows.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [verb, path, role, thing, right, then] = words[..] else {
            panic!("a row of six words: {line}")
        };
        let then = then.parse().expect("a status");
        Rule {
            verb,
            path,
            role,
            thing,
            right,
            then,
        }
    })
    .collect()
}
