package dev.quintet.app.cli;

import dev.quintet.models.hub.ModelPlaces;
import dev.quintet.models.json.JsonObject;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.prepare.Cleaning;
import dev.quintet.trainer.prepare.DropRules;
import dev.quintet.trainer.prepare.Part;
import dev.quintet.trainer.prepare.Preparation;
import dev.quintet.trainer.prepare.SampleForm;
import dev.quintet.trainer.prepare.Split;
import dev.quintet.trainer.rows.RowFiles;
import dev.quintet.trainer.rows.RowFormat;
import java.nio.charset.Charset;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// How rows are read and prepared: what the file of `data`, and the object `data` of `train`'s, say with the keys of
/// [DataKey].
///
/// @param json the object
/// @param source the source where it names none
/// @param target the target where it names none
record PreparationSettings(JsonObject json, String source, String target) {

  /// Checks the names of keys and all values that need no file.
  ///
  /// @param known the keys that may be there
  /// @throws IllegalArgumentException that names the key that is wrong
  PreparationSettings check(List<String> known) {
    for (String key : json.keys()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\" of data%s (data --help lists all)"
                .formatted(json.source(), key, KeyHint.of(key, known)));
      }
    }
    var _ = format();
    var _ = form();
    var _ = cleaning();
    var _ = drops();
    var _ = split();
    var _ = isStreamed();
    stride();
    shuffleBuffer();
    badLimit();
    word("duplicates", "drop", "keep");
    word("near_duplicates", "drop", "keep");
    var _ = conflicts();
    var _ = leakage();
    columns();
    augment().ifPresent(AugmentSettings::check);
    if (augmentsEachEpoch() && isStreamed()) {
      throw json.wrong("stream", "false where copies are made for each epoch (augment)", true);
    }
    if (json.has("files") && known.contains("train") && json.has("train")) {
      throw new IllegalArgumentException(
          json.source() + ": the keys \"files\" and \"train\" exclude each other");
    }
    return this;
  }

  /// The preparation, without files.
  Preparation preparation() {
    Preparation preparation =
        Preparation.of(form())
            .cleaning(cleaning())
            .drops(drops())
            .duplicates(word("duplicates", "drop", "keep").equals("drop"))
            .nearDuplicates(word("near_duplicates", "keep", "drop").equals("drop"))
            .conflicts(conflicts())
            .split(split())
            .leakage(leakage())
            .streamed(isStreamed())
            .augmentLater(augmentsEachEpoch());
    augment().map(AugmentSettings::augmentation).ifPresent(preparation::augmentation);
    json.string("tokenizer")
        .map(name -> Tokenizer.loadT5(ModelPlaces.fromEnvironment().find(name)))
        .ifPresent(tokenizer -> preparation.tokens(text -> tokenizer.encode(text).ids().length));
    return preparation;
  }

  /// Whether rows to train on get copies.
  boolean augments() {
    return json.has("augment");
  }

  /// Whether they get others in each epoch.
  boolean augmentsEachEpoch() {
    return augment().filter(AugmentSettings::eachEpoch).isPresent();
  }

  private Optional<AugmentSettings> augment() {
    return json.object("augment")
        .map(augment -> new AugmentSettings(JsonObject.of(json.source(), augment.values())));
  }

  /// The same with other columns that go along.
  PreparationSettings keeping(List<String> columns) {
    var keep = new LinkedHashSet<Object>(json.list("keep").orElse(List.of()));
    keep.addAll(columns);
    return keep.isEmpty()
        ? this
        : new PreparationSettings(json.with("keep", List.copyOf(keep)), source, target);
  }

  /// Whether files are read again rather than kept in memory.
  boolean isStreamed() {
    return json.bool("stream").orElse(false);
  }

  /// Rows of the buffer through which streamed rows are shuffled; nothing where they are shuffled as a whole.
  OptionalInt shuffleBuffer() {
    Optional<Integer> rows = json.integer("shuffle_buffer");
    if (rows.filter(count -> count < 1).isPresent()) {
      throw json.wrong("shuffle_buffer", "at least 1 row", rows.get());
    }
    if (rows.isPresent() && !isStreamed()) {
      throw new IllegalArgumentException(
          json.source()
              + ": the key \"shuffle_buffer\" is for rows that are streamed (\"stream\": true); others are shuffled as a whole");
    }
    return rows.map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  /// Tokens that neighbouring windows of the column that is cut have in common; nothing where it is cut to its beginning.
  OptionalInt stride() {
    Optional<Integer> stride = json.integer("stride");
    if (stride.filter(tokens -> tokens < 0).isPresent()) {
      throw json.wrong("stride", "0 tokens or more", stride.get());
    }
    boolean cuts = json.string("cut").filter(column -> !column.isEmpty()).isPresent();
    if (stride.isPresent() && !cuts) {
      throw new IllegalArgumentException(
          json.source()
              + ": the key \"cut\" is needed: \"stride\" asks which column is cut into windows");
    }
    if (cuts && isStreamed()) {
      throw json.wrong("stream", "false where a column is cut (\"cut\")", true);
    }
    return stride.map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  // ---- files ----

  /// The files of the key, if it is there.
  Optional<RowFiles> files(String key) {
    return names(json, key).map(this::files);
  }

  /// The files of the parts that the keys `train`, `validation` and `test` of these settings name.
  static Map<Part, RowFiles> parts(JsonObject named, PreparationSettings how) {
    var parts = new EnumMap<Part, RowFiles>(Part.class);
    for (Part part : Part.values()) {
      names(named, part.word()).map(how::files).ifPresent(files -> parts.put(part, files));
    }
    return parts;
  }

  /// Files, as these settings read them.
  RowFiles files(List<String> names) {
    RowFiles files = RowFiles.of(names, format()).columns(columns());
    boolean skip = word("bad_rows", "fail", "skip").equals("skip");
    return skip ? files.skipBad(badLimit()) : files;
  }

  private double badLimit() {
    double limit = json.number("bad_rows_limit").orElse(0.01);
    if (!(limit >= 0 && limit <= 1)) {
      throw json.wrong("bad_rows_limit", "a share from 0 to 1", limit);
    }
    word("bad_rows", "fail", "skip");
    return limit;
  }

  /// Names of files: a text, or a list of them.
  static Optional<List<String>> names(JsonObject json, String key) {
    return json.value(key)
        .map(value ->
            switch (value) {
              case String name -> List.of(name);
              case List<?> list when !list.isEmpty() ->
                  List.of(SettingsJson.texts(json, key, list, "names of files"));
              default -> throw json.wrong(key, "a file's name, or a list of them", value);
            });
  }

  private LinkedHashMap<String, String> columns() {
    var columns = new LinkedHashMap<String, String>();
    json.object("columns")
        .ifPresent(object ->
            object
                .keys()
                .forEach(name -> columns.put(name, object.required(name, JsonObject::string))));
    return columns;
  }

  private RowFormat format() {
    RowFormat format = RowFormat.DEFAULT.withAt(json.string("at").orElse(""));
    if (json.has("format")) {
      String name = json.required("format", JsonObject::string);
      format =
          format.withKind(
              Arrays.stream(RowFormat.Kind.values())
                  .filter(kind -> kind.word().equals(name))
                  .findFirst()
                  .orElseThrow(
                      () -> json.wrong("format", "one of " + RowFormat.Kind.words(), name)));
    }
    String encoding = json.string("encoding").orElse("utf-8");
    if (!RowFormat.ENCODINGS.contains(encoding.toLowerCase(Locale.ROOT))) {
      throw json.wrong("encoding", "one of " + RowFormat.ENCODINGS, encoding);
    }
    String delimiter = json.string("delimiter").orElse(",");
    if (delimiter.length() != 1 || "\"\r\n".contains(delimiter)) {
      throw json.wrong("delimiter", "one character, no quote and no line's end", delimiter);
    }
    List<String> header =
        json.list("header")
            .map(list -> List.of(SettingsJson.texts(json, "header", list, "names")))
            .orElse(List.of());
    String unit = word("unit", "line", "paragraph", "file");
    return format
        .withEncoding(Charset.forName(encoding))
        .withDelimiter(delimiter.charAt(0))
        .withHeader(header)
        .withScalars(word("scalars", "refuse", "text").equals("text"))
        .withLists(json.bool("lists").orElse(false))
        .withUnit(RowFormat.Unit.valueOf(unit.toUpperCase(Locale.ROOT)));
  }

  /// How a row becomes a sample.
  SampleForm form() {
    try {
      return SampleForm.of(
              json.string("source").orElse(source), json.string("target").orElse(target))
          .withPrefix(json.string("prefix").orElse(""))
          .withCut(json.string("cut").orElse(""))
          .withId(json.string("id").orElse(""))
          .withKept(
              json.list("keep")
                  .map(list -> List.of(SettingsJson.texts(json, "keep", list, "columns")))
                  .orElse(List.of()));
    } catch (IllegalArgumentException e) {
      String said = String.valueOf(e.getMessage());
      throw said.startsWith(json.source())
          ? e
          : new IllegalArgumentException(json.source() + ": " + said, e);
    }
  }

  // ---- stages ----

  private Cleaning cleaning() {
    if (json.value("clean").filter(Boolean.class::isInstance).isPresent()) {
      return json.bool("clean").orElse(true) ? Cleaning.DEFAULT : Cleaning.NONE;
    }
    JsonObject clean = inner("clean", "markup", "normalize", "controls", "space", "lower");
    Optional<String> form = clean.string("normalize");
    List<String> forms = Arrays.stream(Normalizer.Form.values()).map(Enum::name).toList();
    form.filter(name -> !forms.contains(name))
        .ifPresent(name -> {
          throw clean.wrong("normalize", "one of " + forms, name);
        });
    return new Cleaning(
        clean.bool("markup").orElse(false),
        form.map(Normalizer.Form::valueOf),
        clean.bool("controls").orElse(true),
        clean.bool("space").orElse(true),
        clean.bool("lower").orElse(false));
  }

  private DropRules drops() {
    JsonObject drop =
        inner(
            "drop",
            "empty_source",
            "empty_target",
            "source_characters",
            "target_characters",
            "source_tokens",
            "target_tokens",
            "target_in_source",
            "letters",
            "language");
    JsonObject language = inner(drop, "language", "column", "is");
    double letters = drop.number("letters").orElse(0.0);
    if (!(letters >= 0 && letters <= 1)) {
      throw drop.wrong("letters", "a share from 0 to 1", letters);
    }
    var rules =
        new DropRules(
            drop.bool("empty_source").orElse(false),
            drop.bool("empty_target").orElse(false),
            bounds(drop, "source_characters"),
            bounds(drop, "target_characters"),
            bounds(drop, "source_tokens"),
            bounds(drop, "target_tokens"),
            drop.bool("target_in_source").orElse(false),
            letters,
            drop.has("language") ? language.required("column", JsonObject::string) : "",
            drop.has("language")
                ? Set.of(
                    SettingsJson.texts(
                        language, "is", language.required("is", JsonObject::list), "languages"))
                : Set.of());
    if (rules.countsTokens() && !json.has("tokenizer")) {
      throw new IllegalArgumentException(
          json.source() + ": the key \"tokenizer\" is needed: drop counts tokens");
    }
    return rules;
  }

  private DropRules.Bounds bounds(JsonObject drop, String key) {
    JsonObject bounds = inner(drop, key, "least", "most");
    int least = bounds.integer("least").orElse(0);
    int most = bounds.integer("most").orElse(Integer.MAX_VALUE);
    if (least < 0 || least > most) {
      throw drop.wrong(key, "{\"least\": m, \"most\": n} with 0 <= m <= n", bounds);
    }
    return new DropRules.Bounds(least, most);
  }

  private Split split() {
    JsonObject split =
        inner("split", "by", "column", "train", "validation", "test", "salt", "seed");
    Split.Shares shares = shares(split);
    String column = split.string("column").orElse("");
    String salt = split.string("salt").orElse(Split.SALT);
    long seed = split.whole("seed").orElse(0L);
    String by = split.string("by").orElse("hash");
    List<String> kinds = List.of("hash", "rows", "group", "column", "strata");
    if (!kinds.contains(by)) {
      throw split.wrong("by", "one of " + kinds, by);
    }
    if (List.of("group", "column", "strata").contains(by) && column.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: the key \"column\" of \"split\" is needed: by %s asks it"
              .formatted(json.source(), by));
    }
    return switch (by) {
      case "rows" -> new Split.ByRows(shares, seed);
      case "group" -> new Split.ByGroup(shares, salt, column);
      case "column" -> new Split.ByColumn(column);
      case "strata" -> new Split.ByStrata(shares, column, seed);
      default -> new Split.ByHash(shares, salt, column);
    };
  }

  private Split.Shares shares(JsonObject split) {
    if (!split.has("train") && !split.has("validation") && !split.has("test")) {
      return Split.Shares.DEFAULT;
    }
    double validation = split.number("validation").orElse(0.0);
    double test = split.number("test").orElse(0.0);
    double train = split.number("train").orElse(1 - validation - test);
    try {
      return new Split.Shares(train, validation, test);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          json.source() + ": the key \"split\": " + e.getMessage(), e);
    }
  }

  private Preparation.Conflicts conflicts() {
    return Preparation.Conflicts.valueOf(
        word("conflicts", "keep", "drop", "first").toUpperCase(Locale.ROOT));
  }

  /// What becomes of rows to train on that others are scored on.
  Preparation.Leakage leakage() {
    return Preparation.Leakage.valueOf(
        word("leakage", "drop", "fail", "allow").toUpperCase(Locale.ROOT));
  }

  /// One of some words, the first where the key is not there.
  private String word(String key, String... words) {
    String word = json.string(key).orElse(words[0]);
    if (!List.of(words).contains(word)) {
      throw json.wrong(key, "one of " + String.join(", ", words), word);
    }
    return word;
  }

  private JsonObject inner(String key, String... known) {
    return inner(json, key, known);
  }

  private JsonObject inner(JsonObject outer, String key, String... known) {
    JsonObject inner =
        outer.object(key).orElse(JsonObject.of(json.source(), Map.<String, Object>of()));
    for (String name : inner.keys()) {
      if (!List.of(known).contains(name)) {
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\" of \"%s\"%s (data --help lists all)"
                .formatted(json.source(), name, key, KeyHint.of(name, List.of(known))));
      }
    }
    return inner;
  }
}
