package dev.quintet.trainer.golden;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/// Cross entropies with label smoothing and z-loss, and their gradients.
final class LossesJudge implements GoldenJudge {
  private static final double NEAR = 1e-6;

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "losses", "cases", "source");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      check("case " + i, cases.get(i));
    }
    return cases.size();
  }

  private static void check(String where, JsonObject one) {
    Recorded.form(
        one,
        where,
        "count",
        "labels",
        "logits",
        "plain_mean",
        "smooth_hf_mean",
        "smooth_t5x_z_sum",
        "smooth_torch_mean",
        "smoothing",
        "z",
        "z_mean");
    List<?> rows = one.required("logits", JsonObject::list);
    double[] logits = flat(rows);
    double[] labels = flat(one.required("labels", JsonObject::list));
    int counted = 0;
    for (double label : labels) {
      counted += label == CrossEntropyOptions.MEAN.ignore() ? 0 : 1;
    }
    Recorded.same(where + ", count", one.required("count", JsonObject::integer), counted);
    double e = Recorded.number(one, "smoothing");
    double z = Recorded.number(one, "z");
    int classes = logits.length / labels.length;
    var asked = new Asked(logits, labels, classes);
    var mean = CrossEntropyOptions.MEAN;
    asked.check(where + ", plain", one, "plain_mean", mean, 0);
    asked.check(where + ", z", one, "z_mean", mean.withZLoss((float) z), 0);
    CrossEntropyOptions smooth = mean.withSmoothing((float) e);
    asked.check(where + ", as transformers", one, "smooth_hf_mean", smooth, 0);
    asked.check(where + ", as PyTorch", one, "smooth_torch_mean", smooth, 0);
    // t5x leaves e / (V - 1) to each other class, which is e V / (V - 1) of ours, and subtracts the
    // least that a loss can be
    double other = e / (classes - 1);
    double least = e == 0 ? 0 : -(1 - e) * Math.log(1 - e) - e * Math.log(other);
    CrossEntropyOptions t5x =
        mean.withSmoothing((float) (other * classes)).withZLoss((float) z).withNormalizer(1);
    asked.check(where + ", as t5x", one, "smooth_t5x_z_sum", t5x, least * counted);
  }

  /// The same labels under other options.
  private record Asked(double[] logits, double[] labels, int classes) {

    void check(String where, JsonObject one, String key, CrossEntropyOptions options, double less) {
      JsonObject recorded = one.required(key, JsonObject::object);
      Recorded.form(recorded, where, "gradient", "value");
      double[] gradient = flat(recorded.required("gradient", JsonObject::list));
      try (Parameter x = Parameter.empty(Shape.of(labels.length, classes), Device.cpu());
          var _ = Scope.open(Device.cpu())) {
        float[] values = new float[logits.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) logits[i];
        }
        x.set(values);
        int[] ids = new int[labels.length];
        for (int i = 0; i < ids.length; i++) {
          ids[i] = (int) labels[i];
        }
        Tensor loss = x.crossEntropy(Tensor.ofInts(Shape.of(ids.length), ids), options);
        double value = Recorded.number(recorded, "value");
        near(where, value, loss.item() - less);
        loss.backward();
        float[] got = x.gradient().toFloats();
        Recorded.same(where + ", elements", gradient.length, got.length);
        for (int i = 0; i < got.length; i++) {
          near(where + ", gradient " + i, gradient[i], got[i]);
        }
      }
    }
  }

  private static void near(String where, double recorded, double got) {
    Recorded.within(where, recorded, got, NEAR * Math.max(1, Math.abs(recorded)));
  }

  /// The numbers of lists in lists.
  private static double[] flat(List<?> lists) {
    var numbers = new ArrayList<Object>();
    for (Object item : lists) {
      if (item instanceof List<?> inner) {
        for (double number : flat(inner)) {
          numbers.add(number);
        }
      } else {
        numbers.add(item);
      }
    }
    return Recorded.numbers(numbers);
  }
}
