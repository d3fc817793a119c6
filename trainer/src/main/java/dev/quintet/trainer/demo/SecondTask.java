package dev.quintet.trainer.demo;

import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.tokenizer.Tokenizer;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.schedule.Freezing;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Freezing at work: the trained model learns tags, the words of a method's package, once with everything frozen but
/// its last decoder block and once with nothing frozen, for the same number of steps.
final class SecondTask {
  private static final int SCORED = 2_000;

  /// The two ways, as they are called in results; the first is also a name of phases and folders.
  enum Way {
    LAST_BLOCK("last-block", "last decoder block"),
    EVERYTHING("everything", "everything");

    private final String folder;
    private final String trained;

    Way(String folder, String trained) {
      this.folder = folder;
      this.trained = trained;
    }

    String trainPhase() {
      return "tags-" + folder;
    }

    String scorePhase() {
      return "tags-" + folder + "-score";
    }

    String trained() {
      return trained;
    }
  }

  private final DemoRun run;
  private final MethodSplit methods;
  private final Tokenizer tokenizer;
  private final Budget budget;

  SecondTask(DemoRun run, MethodSplit methods, Tokenizer tokenizer, Budget budget) {
    this.run = run;
    this.methods = methods;
    this.tokenizer = tokenizer;
    this.budget = budget;
  }

  /// Does what is not done yet; false if it was stopped.
  boolean run() {
    TagTask task;
    try {
      task = TagTask.of(methods);
    } catch (TooFewMethodsException e) {
      run.listener().note("Freezing at work is left out: " + e.getMessage());
      return true;
    }
    Optional<Examples> examples = Optional.empty();
    for (Way way : Way.values()) {
      if (run.result(way.scorePhase()).isPresent()) {
        run.listener().skipped("Learning tags, training " + way.trained());
        continue;
      }
      if (examples.isEmpty()) {
        examples = Optional.of(run.encodePairs(task.train(), tokenizer));
      }
      if (!learn(way, examples.get())) {
        return false;
      }
      score(way, task);
    }
    return true;
  }

  private boolean learn(Way way, Examples examples) {
    if (run.result(way.trainPhase()).isPresent()) {
      return true;
    }
    try (TextToText model = TextToText.load(run.folder().path("model"), run.device())) {
      int last = model.model().config().decoderLayers() - 1;
      Freezing freezing =
          way == Way.LAST_BLOCK ? Freezing.allBut("decoder.block." + last + ".*") : Freezing.NONE;
      Path folder = folder(way);
      return run.training(
          way.trainPhase(),
          "Learning tags, training " + way.trained(),
          model,
          run.plan(model.model(), budget.secondSteps(), freezing),
          examples,
          Examples.of(List.<Example>of()),
          RunFolders.in(folder),
          folder.resolve("log.jsonl"),
          folder.resolve("loss.png"));
    }
  }

  private void score(Way way, TagTask task) {
    List<TextPair> test = DemoRun.sample(task.test(), SCORED, run.arguments().seed());
    run.score(way.scorePhase(), "Scoring tags, trained " + way.trained(), folder(way), test);
  }

  private Path folder(Way way) {
    return run.folder().path("second-task").resolve(way.folder);
  }
}
