package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.text.TextOptions;
import dev.quintet.models.text.TextToText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `generate`: answers to prompts, in order.
@Command(
    name = "generate",
    description = {
      "Answers prompts with a model.",
      "Prompts are arguments, or the lines of a file or of standard input; one answer a line, in order. With"
          + " --num-return-sequences N each prompt has N lines.",
      "All options of generation_config.json are flags, and win over the model folder's; those of sampling need"
          + " --do-sample."
    },
    mixinStandardHelpOptions = true,
    customSynopsis = "quintet generate --model MODEL [OPTION...] [PROMPT...]",
    sortOptions = false,
    versionProvider = VersionText.class)
final class GenerateCommand implements Callable<Integer> {
  private static final int LINES = 64;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description =
          "Model folder in Hugging Face's layout, with its tokenizer; or the name of one that `pull` fetched.")
  private String model = "";

  @Option(names = "--input", paramLabel = "FILE", description = "Prompts, one a line.")
  private Optional<Path> input = Optional.empty();

  @Option(
      names = "--jsonl",
      description =
          "Each line is a JSON string, in and out: prompts and answers may hold line breaks. A prompt may be an object that"
              + " names its adapter: {\"prompt\": ..., \"adapter\": NAME}.")
  private boolean jsonl;

  @Option(
      names = "--details",
      description =
          "Each line out is a JSON object of a prompt: {\"prompt\": ..., \"answers\": [{\"text\": ..., \"ids\": [...],"
              + " \"score\": ...}, ...]}; scores are those of beams.")
  private boolean details;

  @Option(names = "--stream", description = "Print each answer while it is generated.")
  private boolean stream;

  @Option(
      names = "--special",
      description = "Keep special tokens in the answers, such as <extra_id_0>.")
  private boolean special;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Of what is drawn with --do-sample; a seed gives the same answers whatever the batch and the threads."
              + " Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "Most prompts computed at once. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Parameters(paramLabel = "PROMPT", arity = "0..*", description = "Prompts.")
  private List<String> prompts = new ArrayList<>();

  @Mixin private NamedModel named;

  @Mixin private NamedAdapters adapters;

  @Mixin private WeightsOption weights;

  @Mixin private Compute compute;

  /// Made by picocli.
  GenerateCommand() {}

  @Override
  public Integer call() {
    if (input.isPresent() && !prompts.isEmpty()) {
      throw usage("prompts are either arguments or in --input, not both");
    }
    if (stream && details) {
      throw usage("--stream prints text as it comes, --details whole answers: choose one");
    }
    Device device = compute.device();
    try (TextToText text = TextToText.load(named.find(model), weights.on(device))) {
      adapters.load(text, spec.commandLine().getErr());
      TextOptions options = options(text);
      var lines = new AnswerLines(text, spec.commandLine().getOut(), jsonl, details, stream);
      if (!prompts.isEmpty()) {
        List<String> first = Collections.nCopies(prompts.size(), "");
        tellCut(lines.print(prompts, adapters.with(options, first)), options);
        return 0;
      }
      var count = new AnswerLines.Count(0, 0);
      long first = 0;
      try (TextInput in = TextInput.open(input, jsonl)) {
        int most = Math.max(LINES, batch);
        for (var part = in.next(most); !part.isEmpty(); part = in.next(most)) {
          TextOptions own = adapters.with(options, in.adapters()).withFirst(first);
          count = count.and(lines.print(part, own));
          first += part.size();
        }
        if (in.blank() > 0) {
          spec.commandLine().getErr().println("generate: blank lines passed over: " + in.blank());
        }
      } finally {
        tellCut(count, options);
      }
    }
    return 0;
  }

  private void tellCut(AnswerLines.Count count, TextOptions options) {
    if (count.cut() > 0) {
      spec.commandLine()
          .getErr()
          .println(
              "generate: %d of %d answers ended at the limit of %d tokens, which --max-new-tokens changes"
                  .formatted(count.cut(), count.answers(), options.generation().maxLength(1) - 1));
    }
  }

  private TextOptions options(TextToText text) {
    GenerationConfig generation = GenerationFlags.apply(text.generation(), spec);
    for (String remark : generation.remarks()) {
      System.err.println("generate: " + remark);
    }
    if (stream && (generation.beams() > 1 || generation.returned() > 1)) {
      throw usage(
          "--stream shows one answer to each prompt, and none of beams, which may yet drop tokens");
    }
    TextOptions options = TextOptions.of(generation).withSeed(seed).withBatch(stream ? 1 : batch);
    return special ? options.withSpecialTokens() : options;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
