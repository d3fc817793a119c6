/// What a method of adapting a model is made of: where it may stand, what it does there, where its numbers come from.
///
/// Start at [AdapterMethod]; a new method implements it in a package of its own and is named in the list of
/// `dev.quintet.models.adapt`. Which adapters a model has and which are used is deliberately there, as is reading and
/// writing files.
@NullMarked
package dev.quintet.models.adapt.method;

import org.jspecify.annotations.NullMarked;
