/// Experiments with tokenizers: a trained model that changes its own, and models that learn with different ones.
///
/// Start at [dev.quintet.app.vocabulary.SwitchExample]. What is measured here is made by
/// `dev.quintet.models.adapt.vocabulary.VocabularySwitch` and `dev.quintet.tokenizers.dual`.
@NullMarked
package dev.quintet.app.vocabulary;

import org.jspecify.annotations.NullMarked;
