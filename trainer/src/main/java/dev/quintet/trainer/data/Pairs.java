package dev.quintet.trainer.data;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Site;
import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Text pairs to train on or to score.
public final class Pairs {
  private static final long SPLIT = Site.of("data.split");

  private final List<TextPair> pairs;
  private final List<Sample> samples;

  private Pairs(List<TextPair> pairs) {
    this.pairs = List.copyOf(pairs);
    this.samples = List.of();
  }

  private Pairs(List<Sample> samples, List<TextPair> pairs) {
    this.pairs = List.copyOf(pairs);
    this.samples = List.copyOf(samples);
  }

  /// These pairs.
  public static Pairs of(List<TextPair> pairs) {
    Objects.requireNonNull(pairs, "pairs");
    return new Pairs(pairs);
  }

  /// The pairs of samples, which keep their ids, other answers and columns.
  public static Pairs ofSamples(List<Sample> samples) {
    return new Pairs(samples, samples.stream().map(Sample::pair).toList());
  }

  /// The pairs with what else is known of them; where nothing is, their ids are their numbers from 1.
  public List<Sample> samples() {
    return samples.isEmpty()
        ? IntStream.range(0, pairs.size())
            .mapToObj(i ->
                new Sample(
                    String.valueOf(i + 1), pairs.get(i).source(), List.of(pairs.get(i).target())))
            .toList()
        : samples;
  }

  /// The pairs of a file of JSON objects, one a line.
  ///
  /// @param file UTF-8; blank lines are passed over, and how many is logged
  /// @param source the field of the prompt
  /// @param target the field of the answer
  /// @throws MalformedDataException that names the line, if one is no object or lacks a field
  /// @throws java.io.UncheckedIOException if the file cannot be read
  public static Pairs jsonl(Path file, String source, String target) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(target, "target");
    return new Pairs(JsonLines.pairs(file, source, target));
  }

  /// The pairs.
  public List<TextPair> list() {
    return pairs;
  }

  /// The number of pairs.
  public int size() {
    return pairs.size();
  }

  /// Parts of these shares, drawn without order; the same seed gives the same parts.
  ///
  /// @throws IllegalArgumentException if there are not three shares that add up to 1, or the first would be empty
  public Splits split(double train, double validation, double test) {
    return split(train, validation, test, 0);
  }

  /// Like [#split(double, double, double)] with a seed.
  ///
  /// @throws IllegalArgumentException if the shares do not add up to 1, or the first would be empty
  public Splits split(double train, double validation, double test, long seed) {
    if (Math.abs(train + validation + test - 1) > 1e-9
        || train <= 0
        || validation < 0
        || test < 0) {
      throw new IllegalArgumentException(
          "shares add up to 1 and the first is positive: "
              + train
              + ", "
              + validation
              + ", "
              + test);
    }
    int[] order = Permutation.of(seed, SPLIT, pairs.size());
    int first = (int) Math.round(train * pairs.size());
    int second = (int) Math.round((train + validation) * pairs.size());
    return new Splits(
        pick(order, 0, first), pick(order, first, second), pick(order, second, order.length));
  }

  /// These pairs as token ids, each with its end token, cut to the longest lengths allowed.
  ///
  /// @param tokenizer turns text into ids
  /// @param maxSource tokens of a source, the end token included
  /// @param maxTarget tokens of a target, the end token included
  /// @param threads how many threads encode
  public List<Example> encode(Tokenizer tokenizer, int maxSource, int maxTarget, int threads) {
    return encoded(tokenizer, maxSource, maxTarget, threads).examples();
  }

  /// Like [#encode], with how many sources and targets are cut.
  ///
  /// @param tokenizer turns text into ids
  /// @param maxSource tokens of a source, the end token included
  /// @param maxTarget tokens of a target, the end token included
  /// @param threads how many threads encode
  public EncodedPairs encoded(Tokenizer tokenizer, int maxSource, int maxTarget, int threads) {
    List<Encoding> sources =
        tokenizer.source().encodeAll(pairs.stream().map(TextPair::source).toList(), threads);
    List<Encoding> targets =
        tokenizer.encodeAll(pairs.stream().map(TextPair::target).toList(), threads);
    var examples = new ArrayList<Example>(pairs.size());
    for (int i = 0; i < pairs.size(); i++) {
      int[] source = sources.get(i).ids();
      int[] target = targets.get(i).ids();
      examples.add(
          new Example(
              cut(source, maxSource, tokenizer.source()), cut(target, maxTarget, tokenizer)));
    }
    return new EncodedPairs(
        examples,
        lengths(maxSource, sources, pairs.stream().map(TextPair::source)),
        lengths(maxTarget, targets, pairs.stream().map(TextPair::target)));
  }

  private static EncodedPairs.Lengths lengths(
      int most, List<Encoding> encodings, Stream<String> texts) {
    return EncodedPairs.Lengths.of(
        most,
        encodings.stream().mapToInt(encoding -> encoding.ids().length).toArray(),
        (int) texts.filter(String::isEmpty).count());
  }

  /// The first tokens of a text with the end token in its place, as Hugging Face truncates.
  ///
  /// @param ids ids of a text, with its end token if the tokenizer adds one
  /// @param most how many are kept
  /// @param tokenizer knows the end token
  public static int[] cut(int[] ids, int most, Tokenizer tokenizer) {
    if (ids.length <= most) {
      return ids;
    }
    int[] kept = Arrays.copyOf(ids, most);
    if (tokenizer.eosId().isPresent() && ids[ids.length - 1] == tokenizer.eosId().getAsInt()) {
      kept[most - 1] = tokenizer.eosId().getAsInt();
    }
    return kept;
  }

  private Pairs pick(int[] order, int from, int to) {
    List<Sample> all = samples();
    return ofSamples(IntStream.range(from, to).mapToObj(i -> all.get(order[i])).toList());
  }

  /// Three parts of the pairs.
  ///
  /// @param train what the model learns from
  /// @param validation what decides which checkpoint is best
  /// @param test what nobody looks at before the end
  public record Splits(Pairs train, Pairs validation, Pairs test) {}
}
