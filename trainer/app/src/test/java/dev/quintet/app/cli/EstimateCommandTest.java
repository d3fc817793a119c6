package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EstimateCommandTest {
  @TempDir Path folder;

  private String out = "";
  private String err = "";

  private int run(String... arguments) {
    var all = new ArrayList<>(List.of("estimate"));
    all.addAll(List.of(arguments));
    var outText = new StringWriter();
    var errText = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(outText, true))
            .setErr(new PrintWriter(errText, true))
            .execute(all.toArray(String[]::new));
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  private int runMeasured(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("measured.json"), json);
    return run("--chip", "h200", "--model", "small", "--batch", "2", "--measured", "" + file);
  }

  @Test
  void printsKernelsStepAndTokenAndSaysThatNothingIsMeasured() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertEquals(0, run("--chip", "h200", "--model", "base", "--v11"), err);
    } finally {
      Locale.setDefault(before);
    }
    assertTrue(out.startsWith("An estimate, not a measurement"), out);
    assertTrue(out.contains("T5-base v1.1") && out.contains("batch 48, 512 source"), out);
    assertTrue(out.contains("kernels run seven"), out);
    for (String part :
        List.of("matrix products +372 +19\\.17 +34\\.96 +580 TFLOP/s", "AdamW +1 +7\\.427")) {
      assertTrue(out.lines().anyMatch(line -> line.matches(" *" + part + ".*")), part + "\n" + out);
    }
    for (String line :
        List.of("step    5", "share   52", "floor   26.5", "token   ", "waits   1 ")) {
      assertTrue(out.lines().anyMatch(one -> one.startsWith(line)), line + "\n" + out);
    }
  }

  @Test
  void tellsWhatDoesNotFitTheChip() {
    assertEquals(0, run("--chip", "a100", "--model", "large", "--batch", "192"), err);
    assertTrue(out.contains("DOES NOT FIT"), out);
    assertTrue(out.contains("kernels run seven"), out);
  }

  @Test
  void saysNothingOfTheBackwardOfAttentionThatWasMeasured() throws IOException {
    String measured = "{\"chip\": \"h200\", \"shares\": {\"biased_attention_backward\": 0.2}}";
    assertEquals(0, runMeasured(measured), err);
    assertFalse(out.contains("kernels run seven"), out);
  }

  @Test
  void takesMeasuredSpeedsAndSaysWhich() throws IOException {
    assertEquals(
        0, runMeasured("{\"chip\": \"h200\", \"shares\": {\"product\": 0.5, \"update\": 1}}"), err);
    assertTrue(out.contains("product, update; the other 21 figures"), out);
    assertTrue(out.contains("4.30 TB/s, 100.0 %") && out.contains("measured"), out);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'chip':'h200','shares':{'prduct':0.5}} | prduct",
        "{'chip':'h200','shares':{'product':1.5}} | at most 1",
        "{'chip':'h200','shares':{'product':0}} | above 0",
        "{'chip':'h200','shares':{'product':'x'}} | above 0",
        "{'chip':'h200','shares':{}} | at least one",
        "{'chip':'h200','speed':1,'shares':{'product':0.5}} | speed",
        "{'chip':'h200','peak_tflops':-1,'shares':{'product':0.5}} | peak_tflops",
        "{'chip':'b200','shares':{'product':0.5}} | b200",
        "{'chip':'h100','shares':{'product':0.5}} | --chip h100",
        "{'shares':{'product':0.5}} | chip",
        "[] | object",
      })
  void readsMeasuredSpeedsStrictly(String json, String named) throws IOException {
    assertEquals(2, runMeasured(json.replace('\'', '"')));
    assertTrue(err.contains(named) && err.contains("measured.json"), err);
    assertEquals("", out);
  }

  @ParameterizedTest
  @CsvSource({
    "--model base, --chip",
    "--chip h200, --model",
    "--chip b200 --model base, b200",
    "--chip h200 --model xl, xl",
    "--chip h200 --model base --batch 0, --batch",
    "--chip h200 --model base --target -1, --target",
    "--chip h200 --model base --source 2147483647, at most",
    "--chip h200 --model base --dropout 1, --dropout",
    "--chip h200 --model base --measured none.json, none.json",
  })
  void refusesWhatItCannotEstimate(String arguments, String named) {
    assertEquals(2, run(arguments.split(" ")));
    assertTrue(err.contains(named), err);
  }
}
