/// Adapters that scale what a model computes: IA3, and the weights of its norms.
///
/// Start at [Ia3]. Where deltas stand and how they share a batch is deliberately elsewhere, in
/// `dev.quintet.models.adapt.method`.
@NullMarked
package dev.quintet.models.adapt.scale;

import org.jspecify.annotations.NullMarked;
