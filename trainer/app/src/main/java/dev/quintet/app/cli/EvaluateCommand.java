package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.evaluate.Scored;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.prepare.SampleForm;
import dev.quintet.trainer.rows.Cell;
import dev.quintet.trainer.rows.Row;
import dev.quintet.trainer.rows.RowFiles;
import dev.quintet.trainer.rows.RowFormat;
import dev.quintet.trainer.score.Metrics;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `evaluate`: how good a model is on rows that it has not learned from.
@Command(
    name = "evaluate",
    description = {
      "Has a model answer the sources of a file, and scores the answers, with 95 %% intervals by bootstrap.",
      "MODEL writes text, or has a head. FILE is JSON lines, or JSON, CSV, TSV and text by its name's end."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class EvaluateCommand implements Callable<Integer> {
  private static final ScoreSheet.Draws DRAWS = new ScoreSheet.Draws(1000, 12345, false);

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description = "A model folder with its tokenizer, or the name of one that `pull` fetched.")
  private String model = "";

  @Option(
      names = "--adapter",
      paramLabel = "FOLDER",
      description =
          "An adapter of MODEL, as train or peft saves it. MODEL may also be such a folder, whose base is then the one that it names.")
  private Optional<Path> adapter = Optional.empty();

  @Option(names = "--data", required = true, paramLabel = "FILE", description = "The rows.")
  private Path data = Path.of("");

  @Option(
      names = "--metric",
      split = ",",
      paramLabel = "NAME",
      description = "Metrics, parted by commas, as `score` knows them. Default: accuracy.")
  private List<String> names = new ArrayList<>(List.of("accuracy"));

  @Option(
      names = "--source",
      defaultValue = "source",
      paramLabel = "FIELD|TEMPLATE",
      description = {
        "The field of sources, or a template such as \"question: {question} context: {context}\". Default: ${DEFAULT-VALUE}."
      })
  private String source = "";

  @Option(
      names = "--target",
      defaultValue = "target",
      paramLabel = "FIELD",
      description = "The field of right answers, a text or a list. Default: ${DEFAULT-VALUE}.")
  private String target = "";

  @Option(
      names = "--cut",
      paramLabel = "FIELD",
      description =
          "The field of the source that alone is cut where it is longer than --max-source.")
  private String cut = "";

  @Option(
      names = "--stride",
      paramLabel = "N",
      description =
          "Cut it into windows that have N tokens in common; the likeliest answer of all counts.")
  private Optional<Integer> stride = Optional.empty();

  @Option(
      names = "--rank",
      split = ",",
      paramLabel = "LABEL",
      description = "Choose each answer among these labels instead of generating it.")
  private List<String> rank = new ArrayList<>();

  @Option(
      names = "--generate",
      paramLabel = "JSON",
      description =
          "Options of generation_config.json over the model's, such as {\"num_beams\": 4}.")
  private Optional<String> generate = Optional.empty();

  @Option(
      names = "--max-source",
      defaultValue = "512",
      paramLabel = "N",
      description = "Tokens of a source; longer ones are cut. Default: ${DEFAULT-VALUE}.")
  private int maxSource;

  @Option(
      names = "--max-target",
      defaultValue = "128",
      paramLabel = "N",
      description =
          "Tokens of an answer where the model does not say it. Default: ${DEFAULT-VALUE}.")
  private int maxTarget;

  @Option(
      names = "--batch",
      defaultValue = "16",
      paramLabel = "N",
      description = "Most sources answered at once. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the predictions, one JSON object a line; nothing is overwritten.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--per-class", description = "Also the scores of each label or tag.")
  private boolean perClass;

  @Option(names = "--json", description = "JSON instead of lines.")
  private boolean json;

  @Mixin private NamedModel named;

  @Mixin private WeightsOption weights;

  @Mixin private Compute compute;

  /// Made by picocli.
  EvaluateCommand() {}

  @Override
  public Integer call() {
    var metrics = new LinkedHashMap<String, Metric>();
    names.forEach(name -> metrics.put(name.strip(), Metrics.named(name.strip())));
    if (perClass) {
      ScoreCommand.requireClasses(metrics.values());
    }
    out.filter(Files::exists)
        .ifPresent(file -> {
          throw new ParameterException(
              spec.commandLine(), "--out " + file + " is there already: name another file");
        });
    if (batch < 1) {
      throw new ParameterException(spec.commandLine(), "--batch is at least 1, not " + batch);
    }
    if (stride.isPresent() && cut.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--stride needs --cut, which names the field that is cut");
    }
    Device device = compute.device();
    Pairs pairs = pairs();
    Scored scored = scored(named.find(model), pairs, weights.on(device));
    out.ifPresent(file ->
        Predictions.write(
            file,
            Scored.of(scored.loss(), List.copyOf(metrics.values()), scored.predictions())
                .predictions()));
    report(metrics, scored);
    return 0;
  }

  private Pairs pairs() {
    RowFormat format = RowFormat.DEFAULT.withScalars(true).withLists(true);
    var names = new LinkedHashMap<String, String>();
    SampleForm form = SampleForm.of(source, target).withCut(cut);
    form.columns().forEach(column -> names.put(column, column));
    List<Row> rows = RowFiles.of(List.of(data.toString()), format).columns(names).all();
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(data + " holds no rows to evaluate on");
    }
    var samples = new ArrayList<Sample>();
    for (Row row : rows) {
      boolean unanswered = form.several() && row.values(target).isEmpty();
      samples.add(form.sample(unanswered ? row.with(target, Cell.of("")) : row));
    }
    return Pairs.ofSamples(samples);
  }

  private Scored scored(Path folder, Pairs pairs, LoadOptions how) {
    BiFunction<Trainer, GenerationConfig, Scored> use =
        (trainer, generation) -> asked(trainer, generation).evaluate(pairs);
    var trained = new TrainedFolder(folder);
    return adapter.map(path -> trained.use(how, path, use)).orElseGet(() -> trained.use(how, use));
  }

  private Trainer asked(Trainer trainer, GenerationConfig generation) {
    trainer.maxLengths(maxSource, maxTarget).batchSize(batch);
    stride.ifPresent(trainer::windows);
    if (generate.isPresent() && !rank.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "answers are generated or ranked: --generate and --rank exclude each other");
    }
    generate.ifPresent(options ->
        trainer.answers(
            EvaluateSettings.laid(generation, JsonObject.parse("--generate", options))));
    if (!rank.isEmpty()) {
      trainer.rank(rank);
    }
    return trainer;
  }

  private void report(LinkedHashMap<String, Metric> metrics, Scored scored) {
    var file =
        new ScoredFile(
            scored.predictions().stream().map(Prediction::answered).toList(), List.of(), 0);
    ScoreSheet sheet = ScoreSheet.of(metrics, file, Optional.empty(), DRAWS, perClass);
    PrintWriter err = spec.commandLine().getErr();
    sheet.warnings().forEach(err::println);
    if (scored.cutOff() > 0 || scored.empty() > 0) {
      err.printf(
          Locale.ROOT,
          "of %,d answers %,d ended at the limit of their length, and %,d are empty%n",
          scored.predictions().size(),
          scored.cutOff(),
          scored.empty());
    }
    err.flush();
    PrintWriter to = spec.commandLine().getOut();
    if (!json) {
      to.printf(Locale.ROOT, "loss %.4f on %,d rows%n", scored.loss(), scored.predictions().size());
    }
    to.print(json ? sheet.json() : sheet.text());
    to.flush();
  }
}
