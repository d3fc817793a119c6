package dev.quintet.benchmarks.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/// JMH's options without those that bench sees to itself, since it starts JMH once for each turn.
final class PassedOn extends CommandLineOptions {
  private static final long serialVersionUID = 1;

  private final transient List<String> set = new ArrayList<>();

  PassedOn(String... arguments) throws CommandLineOptionException {
    super(arguments);
    for (int i = 0; i + 1 < arguments.length; i++) {
      if (arguments[i].equals("-p")) {
        set.add(arguments[i + 1].replaceFirst("=.*", ""));
      }
    }
  }

  List<String> names() {
    return super.getIncludes();
  }

  List<String> excluded() {
    return super.getExcludes();
  }

  /// Whether it asks for a list.
  boolean lists() {
    return shouldList() || shouldListWithParams();
  }

  /// The parameters that are set.
  List<String> parameters() {
    return List.copyOf(set);
  }

  /// The values of a parameter, if it is set.
  Optional<Collection<String>> values(String parameter) {
    return getParameter(parameter).hasValue()
        ? Optional.of(getParameter(parameter).get())
        : Optional.empty();
  }

  Optional<String> resultFile() {
    return super.getResult().hasValue() ? Optional.of(super.getResult().get()) : Optional.empty();
  }

  Optional<ResultFormatType> resultFormat() {
    return super.getResultFormat().hasValue() || super.getResult().hasValue()
        ? Optional.of(super.getResultFormat().orElse(ResultFormatType.CSV))
        : Optional.empty();
  }

  Optional<String> outputFile() {
    return super.getOutput().hasValue() ? Optional.of(super.getOutput().get()) : Optional.empty();
  }

  @Override
  public List<String> getIncludes() {
    return List.of();
  }

  @Override
  public List<String> getExcludes() {
    return List.of();
  }

  @Override
  public org.openjdk.jmh.util.Optional<String> getResult() {
    return org.openjdk.jmh.util.Optional.none();
  }

  @Override
  public org.openjdk.jmh.util.Optional<ResultFormatType> getResultFormat() {
    return org.openjdk.jmh.util.Optional.none();
  }

  @Override
  public org.openjdk.jmh.util.Optional<String> getOutput() {
    return org.openjdk.jmh.util.Optional.none();
  }
}
