package dev.quintet.models.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.tensor.Scope;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Recomputes what a model with an adapter gave for one batch: logits and the cross entropy alone.
final class AdapterForwardCheck implements Check {
  private static final Set<String> KNOWN =
      Set.of("input_ids", "attention_mask", "decoder_input_ids", "labels", "logits", "loss");
  private static final double LOGITS = 1e-5;
  private static final double LOSS = 1e-6;

  @Override
  public Set<String> files() {
    return Set.of(AdapterRecording.CONFIG, AdapterRecording.WEIGHTS, AdapterRecording.FORWARD);
  }

  @Override
  public List<Comparison> run(Golden golden) {
    var rows = new ArrayList<Comparison>();
    try (T5 model = golden.model();
        var file = SafetensorsFile.open(golden.file(AdapterRecording.FORWARD));
        var _ = Scope.openWithoutGradients(golden.device())) {
      golden.adapt(model);
      Recomputed found = Recomputed.of(model, file, "");
      for (Recomputed.Output output : found.outputs()) {
        // also where no label counts: what the decoder reads there is padding, the same for all
        if (KNOWN.contains(output.name()) && file.contains(output.name())) {
          float[] values = output.tensor().toFloats();
          rows.add(
              Comparison.of(output.words(), file.floats(output.name()), values, i -> true, LOGITS));
        }
      }
      if (!file.contains("logits")) {
        rows.add(Comparison.notRecorded("logits"));
      }
      if (file.contains("loss")) {
        rows.add(
            found
                .loss()
                .map(value ->
                    Comparison.of("loss", file.floats("loss"), new float[] {value.item()}, LOSS))
                .orElse(Comparison.unsupported("loss: the batch has no labels")));
      }
      file.names().stream()
          .filter(name -> !KNOWN.contains(name))
          .forEach(name -> rows.add(Comparison.unsupported(name)));
    }
    if (!golden.has(AdapterRecording.SETTINGS) && !golden.has(AdapterRecording.TENSORS)) {
      rows.add(
          Comparison.notRecorded(
              "gradients, greedy ids, merged weights and a training: "
                  + AdapterRecording.SETTINGS));
    }
    return rows;
  }
}
