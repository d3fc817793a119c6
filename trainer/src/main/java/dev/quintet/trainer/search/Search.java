package dev.quintet.trainer.search;

import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.loop.OtherRunException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/// Looks for the settings with the best value.
///
/// ```java
/// var space = Space.of(JsonObject.parse("space", "{\"rate\": {\"log_uniform\": [1e-5, 1e-2]}}"));
/// Search.of(space).trials(30).run(Path.of("trials.jsonl"), trial -> Optional.of(train(trial)));
/// ```
/// Everything goes to a journal before it counts. What is proposed is a function of the seed and the journal, so that with
/// one worker a search that is killed and resumed equals one left alone.
public final class Search {
  private final Space space;
  private Sampler.Kind sampler = Sampler.Kind.GAUSSIAN_PROCESS;
  private Plan plan = new Plan.FullLength(30);
  private Optional<MedianPruner> pruner = Optional.empty();
  private boolean higherIsBetter;
  private long seed;
  private long trialSeed;
  private int workers = 1;
  private boolean resume;
  private SequencedMap<String, Object> about = new LinkedHashMap<>();
  private BooleanSupplier stop = () -> false;
  private final List<SearchListener> listeners = new ArrayList<>();

  private Search(Space space) {
    this.space = space;
  }

  /// A search in a space: 30 trials by a Gaussian process, where less is better.
  public static Search of(Space space) {
    return new Search(space);
  }

  /// What proposes.
  public Search sampler(Sampler.Kind kind) {
    sampler = kind;
    return this;
  }

  /// How many trials, each of full length.
  public Search trials(int count) {
    return plan(new Plan.FullLength(count));
  }

  /// Which trials run how far.
  public Search plan(Plan plan) {
    this.plan = plan;
    return this;
  }

  /// Stops trials early that are worse than others were; for trials of full length.
  public Search pruner(MedianPruner pruner) {
    this.pruner = Optional.of(pruner);
    return this;
  }

  /// Whether more is better. Default: less is.
  public Search higherIsBetter(boolean higher) {
    higherIsBetter = higher;
    return this;
  }

  /// The seed of what is proposed.
  public Search seed(long value) {
    seed = value;
    return this;
  }

  /// The seed that trials are told; the same for all, so that they differ by their settings.
  public Search trialSeed(long value) {
    trialSeed = value;
    return this;
  }

  /// How many trials run at a time.
  ///
  /// @throws IllegalArgumentException if it is not from 1 to 1000
  public Search workers(int count) {
    if (count < 1 || count > 1000) {
      throw new IllegalArgumentException("workers: expected 1 to 1000, got " + count);
    }
    workers = count;
    return this;
  }

  /// What else has to be the same when the search goes on, such as the settings that do not vary.
  public Search about(SequencedMap<String, Object> values) {
    about = new LinkedHashMap<>(values);
    return this;
  }

  /// Asked again and again whether to stop; trials at work see it as [Trial#stopping].
  public Search stopWhen(BooleanSupplier condition) {
    stop = condition;
    return this;
  }

  /// Adds a listener.
  public Search listener(SearchListener listener) {
    listeners.add(listener);
    return this;
  }

  /// Goes on with the journal where there is one.
  public Search resume() {
    resume = true;
    return this;
  }

  /// Searches.
  ///
  /// @param file the journal, JSON lines; its folder has to exist
  /// @throws OtherRunException if a journal is there and [#resume] was not asked for, or it is of another search; the
  ///     message names the parameter
  /// @throws MalformedDataException if a line of the journal is no event that can stand there
  /// @throws IllegalStateException if Apache Commons Math is missing
  public SearchResult run(Path file, Objective objective) {
    CommonsMath.require();
    if (plan.rungs() > 1 && pruner.isPresent()) {
      throw new IllegalArgumentException(
          "a pruner is for trials of full length; " + plan.form() + " stops trials by itself");
    }
    Sampler proposes = sampler.of(space, seed);
    if (!resume && Files.exists(file)) {
      throw new OtherRunException(
          file + " is there already: resume the search, or name another folder");
    }
    try (Journal journal = Journal.open(file)) {
      var ledger = new Ledger(space, plan.rungs(), higherIsBetter);
      begin(file, journal, ledger);
      return new Crew(
              journal,
              ledger,
              new Crew.Rules(plan, proposes, pruner, trialSeed, stop),
              objective,
              listeners)
          .run(workers, higherIsBetter);
    }
  }

  private void begin(Path file, Journal journal, Ledger ledger) {
    SequencedMap<String, Object> header = header();
    List<JsonObject> events = journal.events();
    if (events.isEmpty()) {
      journal.append(header);
      return;
    }
    refuseOther(file, events.getFirst(), JsonObject.parse("this search", JsonText.line(header)));
    for (int i = 1; i < events.size(); i++) {
      try {
        ledger.apply(events.get(i));
      } catch (IllegalArgumentException e) {
        throw new MalformedDataException(file, i + 1L, String.valueOf(e.getMessage()));
      }
    }
  }

  private SequencedMap<String, Object> header() {
    var header = new LinkedHashMap<String, Object>();
    header.put("event", "search");
    header.put("space", space.form());
    header.put("sampler", sampler.key());
    header.put("plan", plan.form());
    header.put("seed", seed);
    header.put("trial_seed", trialSeed);
    header.put("higher_is_better", higherIsBetter);
    pruner.ifPresent(one ->
        header.put(
            "pruner",
            new TreeMap<>(
                Map.of(
                    "startup",
                    (long) one.startup(),
                    "warmup",
                    one.warmup(),
                    "interval",
                    one.interval()))));
    header.putAll(about);
    return header;
  }

  private void refuseOther(Path file, JsonObject was, JsonObject is) {
    if (!was.string("event").equals(Optional.of("search"))) {
      throw new MalformedDataException(file, 1, "a journal begins with the event \"search\"");
    }
    Space before = Space.of(was.required("space", JsonObject::object));
    space
        .difference(before)
        .ifPresent(difference -> {
          throw other(file, difference);
        });
    var keys = new TreeSet<>(was.keys());
    keys.addAll(is.keys());
    for (String key : keys) {
      String there = was.value(key).map(JsonText::of).orElse("nothing");
      String here = is.value(key).map(JsonText::of).orElse("nothing");
      if (!there.equals(here)) {
        throw other(file, "\"%s\" %s".formatted(key, changed(was, is, key)));
      }
    }
  }

  /// What of an object changed, by the name inside it.
  private static String changed(JsonObject was, JsonObject is, String key) {
    Object before = was.value(key).orElse("nothing");
    Object now = is.value(key).orElse("nothing");
    if (before instanceof JsonObject old && now instanceof JsonObject fresh) {
      var keys = new TreeSet<>(old.keys());
      keys.addAll(fresh.keys());
      for (String inner : keys) {
        String there = old.value(inner).map(JsonText::of).orElse("nothing");
        String here = fresh.value(inner).map(JsonText::of).orElse("nothing");
        if (!there.equals(here)) {
          return "has another \"%s\": %s, which was %s".formatted(inner, here, there);
        }
      }
    }
    return "is now %s and was %s".formatted(JsonText.of(now), JsonText.of(before));
  }

  private static OtherRunException other(Path file, String difference) {
    return new OtherRunException(
        "%s is the journal of another search: %s; put it back, or name another folder"
            .formatted(file, difference.replaceAll("\\s*\\n\\s*", " ")));
  }
}
