/// Augmentation of Java code with the JDK's own parser: [dev.quintet.app.augment.JavaNames].
@NullMarked
package dev.quintet.app.augment;

import org.jspecify.annotations.NullMarked;
