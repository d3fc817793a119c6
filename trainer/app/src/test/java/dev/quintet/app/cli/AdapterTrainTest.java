package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterTrainTest {
  @TempDir Path folder;

  private Path model;
  private Path rows;
  private Path config;
  private String out = "";
  private String err = "";

  @BeforeEach
  void makeModel() throws IOException {
    model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    rows = TinyText.jsonl(folder.resolve("rows.jsonl"), 20, 1);
    config = folder.resolve("train.json");
    Files.writeString(
        config,
        """
        {"model": "%s", "train": "%s", "validation": "%s", "source_field": "question", "target_field": "answer",
         "steps": 3, "max_source": 32, "max_target": 8,
         "adapter": {"method": "lora", "rank": 2, "targets": ["q", "v"]}}
        """
            .formatted(model, rows, rows));
  }

  @Test
  void anAdapterIsTrainedReportedOnAndEvaluated() throws IOException {
    Path run = folder.resolve("run");
    assertEquals(0, run("train", "--config", config, "--out", run, "--set", "adapter.rank=4"), err);
    assertTrue(out.contains("adapters: "), out);
    JsonObject saved = JsonObject.read(run.resolve("best/adapter_config.json"));
    assertEquals(4, saved.required("r", JsonObject::integer));
    String page = Files.readString(run.resolve("report.html"));
    for (String part : List.of("lora", "share of the parameters that trains", "the best adapter")) {
      assertTrue(page.contains(part), part);
    }
    String[] how = {"--data", rows.toString(), "--source", "question", "--target", "answer"};
    assertEquals(0, evaluate(run.resolve("best"), how), err);
    String byItself = out;
    assertEquals(0, evaluate(model, with(how, "--adapter", run.resolve("best").toString())), err);
    assertEquals(byItself, out);
    assertEquals(0, evaluate(model, how), err);
    assertTrue(!byItself.equals(out), out);
  }

  @Test
  void whatDoesNotGoWithAnAdapterIsNamed() {
    refused("did you mean rank", "adapter={\"method\": \"lora\", \"ranks\": 4}");
    refused("expected a method among", "adapter=qlora");
    refused("T5 has none", "adapter=bitfit");
    refused("exclude each other", "head=classify");
    refused("exclude each other", "freeze=[\"encoder.*\"]");
    refused("did you mean \"adapter\"", "lora={\"rank\": 4}");
    refused("virtual tokens", "adapter={\"method\": \"prompt\", \"tokens\": 2}", "packing=true");
  }

  private void refused(String what, String... set) {
    var command =
        new ArrayList<Object>(
            List.of("train", "--config", config, "--out", folder.resolve("refused")));
    for (String one : set) {
      command.add("--set");
      command.add(one);
    }
    assertEquals(2, run(command.toArray()), err);
    assertTrue(err.contains(what), err);
    assertTrue(Files.notExists(folder.resolve("refused/run.json")));
  }

  private int evaluate(Path folder, String... how) {
    return run((Object[]) with(new String[] {"evaluate", folder.toString()}, how));
  }

  private static String[] with(String[] some, String... more) {
    String[] all = Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  private int run(Object... args) {
    var outs = new StringWriter();
    var errs = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(outs))
            .setErr(new PrintWriter(errs))
            .execute(Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
    out = outs.toString();
    err = errs.toString();
    return code;
  }
}
