package dev.quintet.benchmarks.contest;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A method that measures somebody else's way of doing what methods of ours do.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Peer {
  /// The peer's name, as tables have it.
  String value();

  /// The methods of the same class that it stands beside.
  String[] beside();
}
