/**
 * The nouns of the house, as interfaces. Everything else is built from these; see docs/architecture.md for the picture.
 *
 * Data flows one way: stream -> page -> journal -> batch -> lines -> parcel -> sink. Each step keeps order within one stream.
 */
export {};
