/// What models are built of: named modules that hold parameters, and the layers that every model shares.
/// [Init] fills new parameters, [Sequential] joins layers, [Loss] has what a training goes by beside cross entropy.
/// Names are dotted paths, Hugging Face's where a model has them, and are what freezing, files and dropout go by.
///
/// Start at [Module]; [ParameterNames] says what a name pattern matches. What a layer computes is
/// not here but in `dev.quintet.core.op`; what a T5 is made of is in the models module.
@NullMarked
package dev.quintet.core.nn;

import org.jspecify.annotations.NullMarked;
