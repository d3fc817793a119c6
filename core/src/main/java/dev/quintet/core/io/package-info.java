/// Files that survive hostile input and sudden death: strict safetensors and JSON, atomic files and directories.
/// Readers check every rule of a format before they allocate anything that the file asks for; writers show either the
/// whole of what they wrote or nothing.
///
/// Start at [SafetensorsFile] for reading, [SafetensorsWriter] for writing, [AtomicDirectory] for checkpoints, and
/// [StrictJson] for JSON. What the tensors of a model are called, and how shards and aliases belong together, is said in
/// the models module.
@NullMarked
package dev.quintet.core.io;

import org.jspecify.annotations.NullMarked;
