/// Recipes: settings for the usual tasks of a T5, each with rows of its own to practise on.
///
/// Start at [dev.quintet.app.recipe.PracticeSet].
@NullMarked
package dev.quintet.app.recipe;

import org.jspecify.annotations.NullMarked;
