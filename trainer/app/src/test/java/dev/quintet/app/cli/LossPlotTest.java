package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.app.cli.LossPlot.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossPlotTest {
  @TempDir Path folder;

  private static List<Point> losses(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> new Point(i, 2 + 6 / Math.sqrt(i) + 0.3 * Math.sin(i * 7.0)))
        .toList();
  }

  @Test
  void writesAPicture() throws IOException {
    var plot =
        new LossPlot("naming", losses(5000), List.of(new Point(1000, 2.6), new Point(5000, 2.2)));
    Path png = folder.resolve("loss.png");
    assertEquals(Optional.empty(), plot.write(png));
    var image = ImageIO.read(png.toFile());
    assertEquals(1000, image.getWidth());
    assertEquals(600, image.getHeight());
  }

  @Test
  void onePointIsEnoughAndNoneSaysSo() {
    Path png = folder.resolve("loss.png");
    assertEquals(
        Optional.of("no losses to draw"),
        new LossPlot("x", List.of(new Point(1, Double.NaN)), List.of()).write(png));
    assertTrue(Files.notExists(png));
    assertEquals(
        Optional.empty(), new LossPlot("x", List.of(new Point(1, 2)), List.of()).write(png));
  }

  @Test
  void aPictureThatCannotBeWrittenStopsNothing() {
    var reason = new LossPlot("x", losses(3), List.of()).write(folder.resolve("missing/a.png"));
    assertTrue(reason.orElseThrow().contains("NoSuchFile"), reason::toString);
  }

  @Test
  void manyPointsAreAveraged() {
    var points = new LossPlot("x", losses(1001), List.of()).smoothed();
    assertEquals(334, points.size());
    assertEquals(2.0, points.getFirst().step(), 1e-12);
    double mean = losses(3).stream().mapToDouble(Point::loss).average().orElseThrow();
    assertEquals(mean, points.getFirst().loss(), 1e-12);
  }

  @Test
  void marksEpochsTheModelThatWasKeptAndSaysWhatIsAveraged() {
    var validation = List.of(new Point(500, 2.5), new Point(1000, 2.1));
    var plot = new LossPlot("x", losses(1000), validation, 300, 1000);
    assertEquals(List.of(300.0, 600.0, 900.0), plot.epochs());
    assertEquals(2.1, plot.best().orElseThrow().loss());
    assertEquals(3, plot.averaged());
    assertEquals(Optional.empty(), plot.write(folder.resolve("marked.png")));
    assertEquals(
        List.of(), new LossPlot("x", losses(1000), validation, 2, -1).epochs(), "too many");
  }
}
