package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.search.ExpectedImprovement;
import dev.quintet.trainer.search.GaussianProcess;
import dev.quintet.trainer.search.ProcessFit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Judges `gp.json`: the Gaussian process, its fit, and the expected improvement.
final class GpJudge implements GoldenJudge {
  private static final int CLIMBS = 12;

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "gp", "source", "log_h", "cases");
    List<?> logs = file.required("log_h", JsonObject::list);
    for (Object pair : logs) {
      double[] one = Recorded.numbers((List<?>) pair);
      double tolerance = 1e-7 * Math.max(1, Math.abs(one[1]));
      Recorded.within("log h of " + one[0], one[1], ExpectedImprovement.logH(one[0]), tolerance);
    }
    int cases = 0;
    for (JsonObject one : Recorded.objects(file, "cases")) {
      check("case " + cases++, one);
    }
    return logs.size() + cases;
  }

  private static void check(String where, JsonObject one) {
    var form =
        new ArrayList<>(
            List.of(
                "x",
                "y",
                "signal_variance",
                "length_scales",
                "noise_variance",
                "jitter",
                "y_mean",
                "y_sd",
                "kernel",
                "log_marginal_likelihood",
                "gradient_log_parameters",
                "at",
                "mean",
                "sd_with_noise",
                "sd_latent",
                "best",
                "xi",
                "expected_improvement",
                "log_expected_improvement"));
    if (one.has("fit")) {
      form.add("fit");
    }
    Recorded.form(one, where, form.toArray(String[]::new));
    Recorded.same(where + " jitter", 1e-10, Recorded.number(one, "jitter"));
    double[][] points = rows(one, "x");
    double[] values = Recorded.numbers(one, "y");
    var settings =
        new GaussianProcess.Settings(
            Recorded.number(one, "signal_variance"),
            Recorded.numbers(one, "length_scales"),
            Recorded.number(one, "noise_variance"));
    var process = new GaussianProcess(points, values, settings);
    double mean = Arrays.stream(values).average().orElseThrow();
    Recorded.near(where + " mean of y", Recorded.number(one, "y_mean"), mean);
    double squares = Arrays.stream(values).map(y -> (y - mean) * (y - mean)).sum();
    Recorded.near(
        where + " deviation of y",
        Recorded.number(one, "y_sd"),
        Math.sqrt(squares / values.length));
    double[][] kernel = process.kernel();
    double[][] recorded = rows(one, "kernel");
    for (int i = 0; i < kernel.length; i++) {
      each(where + " kernel", recorded[i], kernel[i], 1e-8);
    }
    double likelihood = Recorded.number(one, "log_marginal_likelihood");
    Recorded.within(
        where + " likelihood",
        likelihood,
        process.logLikelihood(),
        1e-7 * Math.max(1, Math.abs(likelihood)));
    double[] gradient = Recorded.numbers(one, "gradient_log_parameters");
    double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
    each(where + " gradient", gradient, process.gradient(), 1e-4 * largest);
    predictions(where, one, process);
    one.object("fit").ifPresent(fit -> fit(where, fit, points, values));
  }

  private static void predictions(String where, JsonObject one, GaussianProcess process) {
    double[][] at = rows(one, "at");
    double[] means = Recorded.numbers(one, "mean");
    double[] noisy = Recorded.numbers(one, "sd_with_noise");
    double[] latent = Recorded.numbers(one, "sd_latent");
    double[] improvements = Recorded.numbers(one, "expected_improvement");
    double[] logs = Recorded.numbers(one, "log_expected_improvement");
    double best = Recorded.number(one, "best");
    double margin = Recorded.number(one, "xi");
    for (int i = 0; i < at.length; i++) {
      String here = where + " at " + i;
      GaussianProcess.Prediction got = process.at(at[i]);
      Recorded.within(here + " mean", means[i], got.mean(), 1e-6);
      Recorded.within(here + " quick mean", means[i], process.meanAt(at[i]), 1e-6);
      Recorded.within(here + " sd with noise", noisy[i], got.noisy(), 1e-6);
      Recorded.within(here + " latent sd", latent[i], got.latent(), 1e-4);
      double log = ExpectedImprovement.log(got.mean(), got.latent(), best, margin);
      // Far away the logarithm goes with the square of mean over deviation, and so does what
      // rounding does to it.
      Recorded.within(here + " log EI", logs[i], log, 1e-4 * Math.max(1, Math.abs(logs[i])));
      Recorded.within(here + " EI", improvements[i], Math.exp(log), 1e-8);
    }
  }

  private static void fit(String where, JsonObject fit, double[][] points, double[] values) {
    Recorded.form(fit, where + " fit", "bounds", "log_marginal_likelihood", "log_parameters");
    JsonObject bounds = fit.required("bounds", JsonObject::object);
    Recorded.form(bounds, where, "signal_variance", "length_scales", "noise_variance");
    GaussianProcess.Settings found = ProcessFit.of(points, values, CLIMBS, Optional.empty());
    each(where, new double[] {1e-2, 1e2}, Recorded.numbers(bounds, "signal_variance"), 0);
    each(where, new double[] {1e-2, 10}, Recorded.numbers(bounds, "length_scales"), 0);
    each(where, new double[] {1e-6, 1}, Recorded.numbers(bounds, "noise_variance"), 0);
    inside(where, bounds, "signal_variance", found.signal());
    Arrays.stream(found.lengths())
        .forEach(length -> inside(where, bounds, "length_scales", length));
    inside(where, bounds, "noise_variance", found.noise());
    double recorded = Recorded.number(fit, "log_marginal_likelihood");
    double got = new GaussianProcess(points, values, found).logLikelihood();
    if (!(got >= recorded - 1e-3)) {
      throw new AssertionError(
          where + " fit: recorded " + recorded + ", got only " + got + " with " + found);
    }
    double[] logs = Recorded.numbers(fit, "log_parameters");
    double there =
        new GaussianProcess(points, values, GaussianProcess.Settings.ofLogs(logs)).logLikelihood();
    Recorded.within(where + " likelihood of the fit", recorded, there, 1e-6);
  }

  private static void inside(String where, JsonObject bounds, String key, double got) {
    double[] ends = Recorded.numbers(bounds, key);
    if (got < ends[0] * (1 - 1e-12) || got > ends[1] * (1 + 1e-12)) {
      throw new AssertionError(where + " " + key + ": " + got + " is out of bounds");
    }
  }

  private static void each(String where, double[] recorded, double[] got, double tolerance) {
    Recorded.same(where + " count", recorded.length, got.length);
    for (int i = 0; i < got.length; i++) {
      Recorded.within(where + " " + i, recorded[i], got[i], tolerance);
    }
  }

  private static double[][] rows(JsonObject one, String key) {
    return one.required(key, JsonObject::list).stream()
        .map(row -> Recorded.numbers((List<?>) row))
        .toArray(double[][]::new);
  }
}
