/// Models with a task's head in place of text: a class for an input, a label for each word, or the span of an answer. Start
/// at [TaskModel], which binds such a model to its tokenizer and labels; `dev.quintet.trainer.loop` trains it.
@NullMarked
package dev.quintet.trainer.head;

import org.jspecify.annotations.NullMarked;
