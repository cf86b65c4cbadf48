mod media;
mod openapi;
