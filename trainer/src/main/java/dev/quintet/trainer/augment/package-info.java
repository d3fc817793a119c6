/// Other texts made of texts to train on: words swapped, left out, replaced and put in ([WordEdits]), names in source code
/// exchanged ([NewNames]), translated there and back ([BackTranslation]). Each is an [Augmenter]; one of your own is too.
///
/// `dev.quintet.trainer.prepare` has rows of the training part augmented, and counts what came of it.
@NullMarked
package dev.quintet.trainer.augment;

import org.jspecify.annotations.NullMarked;
