package dev.quintet.benchmarks.contest;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// How a class of benchmarks is listed and shown.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Shown {
  /// What is measured, in one line.
  String value();

  /// Which values of parameters the preset `quick` takes, each as `name=value,value`; all of those not named here.
  String[] quick() default {};

  /// The counter of [org.openjdk.jmh.annotations.AuxCounters] that is the figure to read, such as `tokens`; empty for
  /// the time of a call.
  String rate() default "";

  /// The unit of [#rate], such as `tokens/s`.
  String unit() default "";
}
