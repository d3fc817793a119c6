package dev.quintet.benchmarks.run;

import dev.quintet.benchmarks.contest.Work;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A [Report] as JSON, both ways.
final class ReportFile {
  /// The first key, by which a file is known to be one of these.
  static final String MARK = "quintet_bench";

  private static final int VERSION = 1;

  private ReportFile() {}

  static void write(Path file, Report report) {
    AtomicFile.write(file, text(report));
  }

  static String text(Report report) {
    var all = new LinkedHashMap<String, Object>();
    all.put(MARK, VERSION);
    all.put("at", report.at());
    all.put("preset", report.preset());
    all.put("complete", report.complete());
    all.put("machine", report.machine());
    all.put("peak", fields(report.roof()));
    all.put("peaks", report.peaks().stream().map(ReportFile::fields).toList());
    var before = new LinkedHashMap<String, Object>();
    putKnown(before, "load", report.before().load());
    putKnown(before, "others", report.before().others());
    all.put("before", before);
    all.put("contests", report.contests().stream().map(one -> fields(one, report.roof())).toList());
    return JsonText.of(all) + "\n";
  }

  private static Map<String, Object> fields(Roof roof) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("threads", roof.threads());
    fields.put("flops_of_one_thread", roof.flopsOfOne());
    fields.put("flops", roof.flops());
    fields.put("bytes_of_one_thread", roof.bytesOfOne());
    fields.put("bytes", roof.bytes());
    return fields;
  }

  private static Map<String, Object> fields(Contest contest, Roof roof) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("benchmark", contest.benchmark());
    fields.put("method", contest.method());
    fields.put("parameters", contest.parameters());
    fields.put("unit", contest.unit());
    fields.put("flops", contest.work().flops());
    fields.put("bytes", contest.work().bytes());
    if (contest.ours().isThere() && contest.work().isCounted()) { // for readers; not read back
      double speed = contest.ours().spread().median();
      var shares = new LinkedHashMap<String, Object>();
      shares.put("flops", roof.shareOfFlops(contest.work(), speed));
      shares.put("bytes", roof.shareOfBytes(contest.work(), speed));
      fields.put("share_of_peak", shares);
    }
    fields.put("ours", fields(contest.ours()));
    fields.put("peers", contest.peers().stream().map(ReportFile::fields).toList());
    return fields;
  }

  private static Map<String, Object> fields(Side side) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("method", side.method());
    fields.put("name", side.name());
    side.absent().ifPresent(why -> fields.put("absent", why));
    if (!side.also().isEmpty()) {
      fields.put("also", side.also());
    }
    if (!side.notes().isEmpty()) {
      fields.put("notes", side.notes());
    }
    fields.put(
        "turns",
        side.turns().stream()
            .map(turn -> {
              var one = new LinkedHashMap<String, Object>();
              one.put("speeds", turn.speeds());
              putKnown(one, "others", turn.others());
              putKnown(one, "stolen", turn.stolen());
              return one;
            })
            .toList());
    return fields;
  }

  private static void putKnown(Map<String, Object> fields, String key, double value) {
    if (Double.isFinite(value)) {
      fields.put(key, value);
    }
  }

  /// Whether a file is one of these, and may be written anew.
  static boolean isOurs(Path file) {
    try (var reader = Files.newBufferedReader(file)) {
      char[] start = new char[64];
      int count = reader.read(start);
      return count > 0
          && new String(start, 0, count)
              .strip()
              .replaceFirst("^\\{\\s*", "")
              .startsWith("\"" + MARK + "\"");
    } catch (IOException e) {
      return false;
    }
  }

  /// Reads a file that an option names.
  ///
  /// @throws IllegalArgumentException if it is not there
  /// @throws MalformedFileException if it is none of these
  static Report read(String option, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "%s %s: expected the JSON of an earlier run, but %s"
              .formatted(
                  option, file, Files.exists(file) ? "that is no file" : "there is no such file"));
    }
    return read(file);
  }

  /// Reads a file.
  ///
  /// @throws MalformedFileException if it is none of these
  static Report read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
    try (var json =
        StrictJson.of(
            text,
            StrictJson.Limits.FILE,
            (place, rule) -> new MalformedFileException(file, place, rule))) {
      return new Reading(json).report();
    }
  }

  /// One reading of a file; keys that it does not know are passed over, since later versions may have more.
  private record Reading(StrictJson json) {

    Report report() {
      expect(StrictJson.Kind.OBJECT, "a JSON object");
      String at = "";
      String preset = "";
      boolean complete = false;
      SequencedMap<String, String> machine = new LinkedHashMap<>();
      List<Roof> peaks = new ArrayList<>();
      var before = new Report.Before(Double.NaN, Double.NaN);
      List<Contest> contests = new ArrayList<>();
      boolean marked = false;
      while (json.nextKey()) {
        switch (json.key()) {
          case MARK -> {
            marked = true;
            if (json.next() != StrictJson.Kind.WHOLE || json.whole() != VERSION) {
              throw json.fault("expected version " + VERSION + " of a result of bench");
            }
          }
          case "at" -> at = text();
          case "preset" -> preset = text();
          case "complete" -> complete = json.next() == StrictJson.Kind.TRUE;
          case "machine" -> machine = texts();
          case "peak" -> {
            expect(StrictJson.Kind.OBJECT, "an object of numbers");
            Roof largest = roof();
            if (peaks.isEmpty()) {
              peaks.add(largest);
            }
          }
          case "peaks" -> {
            expect(StrictJson.Kind.ARRAY, "an array of what the machine could do");
            List<Roof> found = new ArrayList<>();
            while (another()) {
              found.add(roof());
            }
            if (!found.isEmpty()) {
              peaks = found;
            }
          }
          case "before" -> {
            expect(StrictJson.Kind.OBJECT, "an object of numbers");
            Map<String, Double> found = numbers();
            before =
                new Report.Before(
                    found.getOrDefault("load", Double.NaN),
                    found.getOrDefault("others", Double.NaN));
          }
          case "contests" -> {
            expect(StrictJson.Kind.ARRAY, "an array of contests");
            while (another()) {
              contests.add(contest());
            }
          }
          default -> skip();
        }
      }
      if (!marked) {
        throw json.fault("expected a result of ./quintet bench, which begins with " + MARK);
      }
      if (json.next() != StrictJson.Kind.END) {
        throw json.fault("expected nothing behind the object");
      }
      if (peaks.isEmpty()) {
        throw json.fault("expected what the machine can do, under peak");
      }
      return new Report(at, preset, complete, machine, peaks, before, contests);
    }

    /// Behind the beginning of its object.
    private Roof roof() {
      Map<String, Double> found = numbers();
      for (String key :
          List.of("threads", "flops_of_one_thread", "flops", "bytes_of_one_thread", "bytes")) {
        if (!(found.getOrDefault(key, 0.0) > 0)) {
          throw json.fault("expected a number above 0 under peak." + key);
        }
      }
      return new Roof(
          found.getOrDefault("threads", 1.0).intValue(),
          found.getOrDefault("flops_of_one_thread", 1.0),
          found.getOrDefault("flops", 1.0),
          found.getOrDefault("bytes_of_one_thread", 1.0),
          found.getOrDefault("bytes", 1.0));
    }

    private Contest contest() {
      String benchmark = "";
      String method = "";
      String unit = "";
      SequencedMap<String, String> parameters = new LinkedHashMap<>();
      double flops = 0;
      double bytes = 0;
      Optional<Side> ours = Optional.empty();
      List<Side> peers = new ArrayList<>();
      while (json.nextKey()) {
        switch (json.key()) {
          case "benchmark" -> benchmark = text();
          case "method" -> method = text();
          case "parameters" -> parameters = texts();
          case "unit" -> unit = text();
          case "flops" -> flops = number();
          case "bytes" -> bytes = number();
          case "ours" -> {
            expect(StrictJson.Kind.OBJECT, "an object");
            ours = Optional.of(side());
          }
          case "peers" -> {
            expect(StrictJson.Kind.ARRAY, "an array of peers");
            while (another()) {
              peers.add(side());
            }
          }
          default -> skip();
        }
      }
      if (benchmark.isEmpty() || method.isEmpty() || ours.isEmpty()) {
        throw json.fault("expected benchmark, method and ours of each contest");
      }
      if (flops < 0 || bytes < 0) {
        throw json.fault("expected no negative flops or bytes");
      }
      return new Contest(
          benchmark, method, parameters, unit, new Work(flops, bytes), ours.get(), peers);
    }

    private Side side() {
      String method = "";
      String name = "";
      Optional<String> absent = Optional.empty();
      Map<String, Double> also = Map.of();
      List<String> notes = new ArrayList<>();
      List<Turn> turns = new ArrayList<>();
      while (json.nextKey()) {
        switch (json.key()) {
          case "method" -> method = text();
          case "name" -> name = text();
          case "absent" -> absent = Optional.of(text());
          case "also" -> {
            expect(StrictJson.Kind.OBJECT, "an object of numbers");
            also = numbers();
          }
          case "notes" -> {
            expect(StrictJson.Kind.ARRAY, "an array of texts");
            while (json.next() == StrictJson.Kind.STRING) {
              notes.add(json.text());
            }
          }
          case "turns" -> {
            expect(StrictJson.Kind.ARRAY, "an array of turns");
            while (another()) {
              turns.add(turn());
            }
          }
          default -> skip();
        }
      }
      return new Side(method, name, turns, also, notes, absent);
    }

    private Turn turn() {
      List<Double> speeds = new ArrayList<>();
      double others = Double.NaN;
      double stolen = Double.NaN;
      while (json.nextKey()) {
        switch (json.key()) {
          case "speeds" -> {
            expect(StrictJson.Kind.ARRAY, "an array of speeds");
            for (StrictJson.Kind kind = json.next();
                kind != StrictJson.Kind.END;
                kind = json.next()) {
              double speed = isNumber(kind) ? json.number() : 0;
              if (!(speed > 0)) {
                throw json.fault("expected speeds above 0");
              }
              speeds.add(speed);
            }
          }
          case "others" -> others = number();
          case "stolen" -> stolen = number();
          default -> skip();
        }
      }
      if (speeds.isEmpty()) {
        throw json.fault("expected speeds of each turn");
      }
      return new Turn(speeds, others, stolen);
    }

    private SequencedMap<String, String> texts() {
      expect(StrictJson.Kind.OBJECT, "an object of texts");
      var found = new LinkedHashMap<String, String>();
      while (json.nextKey()) {
        String key = json.key();
        found.put(key, text());
      }
      return found;
    }

    /// Behind the beginning of their object.
    private Map<String, Double> numbers() {
      var found = new LinkedHashMap<String, Double>();
      while (json.nextKey()) {
        String key = json.key();
        found.put(key, number());
      }
      return found;
    }

    private String text() {
      expect(StrictJson.Kind.STRING, "a text");
      return json.text();
    }

    private double number() {
      if (!isNumber(json.next())) {
        throw json.fault("expected a number");
      }
      return json.number();
    }

    private static boolean isNumber(StrictJson.Kind kind) {
      return kind == StrictJson.Kind.WHOLE || kind == StrictJson.Kind.FRACTION;
    }

    /// Whether an array has another object.
    private boolean another() {
      StrictJson.Kind kind = json.next();
      if (kind != StrictJson.Kind.OBJECT && kind != StrictJson.Kind.END) {
        throw json.fault("expected objects in this array, got " + kind);
      }
      return kind == StrictJson.Kind.OBJECT;
    }

    private void skip() {
      json.next();
      json.skip();
    }

    private void expect(StrictJson.Kind kind, String what) {
      if (json.next() != kind) {
        throw json.fault("expected " + what);
      }
    }
  }
}
