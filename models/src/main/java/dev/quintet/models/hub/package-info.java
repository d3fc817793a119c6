/// Models from a hub in Hugging Face's manner, fetched when a caller says so and never otherwise.
///
/// Start at [Hub]; [ModelPlaces] finds what it fetched. Files go into the cache that Hugging Face's own libraries use,
/// so that both find them; what is in a folder is read by `dev.quintet.models.checkpoint`.
@NullMarked
package dev.quintet.models.hub;

import org.jspecify.annotations.NullMarked;
