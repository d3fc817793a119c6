/// Steps of a decoder that are planned once: [VectorDecoder] says for which shapes, [PlannedStep] is one, made of
/// [PlannedBlock]s. Loops are those of `vector`, so that a step has the bits of the general way; what is saved is
/// everything between them: objects, results that are written only to be read again, and keys packed anew for each token.
@NullMarked
package dev.quintet.core.cpu.decode;

import org.jspecify.annotations.NullMarked;
