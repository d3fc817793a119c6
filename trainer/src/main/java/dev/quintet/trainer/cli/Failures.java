package dev.quintet.trainer.cli;

import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.checkpoint.CheckpointException;
import dev.quintet.models.hub.HubException;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.demo.DemoFolderException;
import dev.quintet.trainer.demo.TooFewMethodsException;
import dev.quintet.trainer.loop.OtherRunException;
import dev.quintet.trainer.loop.TrainingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns what went wrong into one line on standard error and an exit code.
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  static final int FAILED = 1;
  static final int BAD_INPUT = 2;

  /// What a user can put right: the message says how.
  private static final List<Class<? extends Exception>> USERS =
      List.of(
          ParameterException.class,
          IllegalArgumentException.class,
          UnsupportedOperationException.class,
          UncheckedIOException.class,
          IOException.class,
          MalformedFileException.class,
          dev.quintet.tokenizers.format.MalformedFileException.class,
          MalformedDataException.class,
          CheckpointException.class,
          HubException.class,
          DeviceUnavailableException.class,
          OtherRunException.class,
          DemoFolderException.class,
          TooFewMethodsException.class);

  private final BooleanSupplier verbose;

  Failures(BooleanSupplier verbose) {
    this.verbose = verbose;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    var near =
        e instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.<String>of();
    String hint = near.isEmpty() ? "" : "; near: " + String.join(", ", near);
    command
        .getErr()
        .println(
            name
                + ": "
                + line(String.valueOf(e.getMessage()))
                + hint
                + " ("
                + name
                + " --help says more)");
    trace(e, command);
    return BAD_INPUT;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    command.getOut().flush();
    String name = command.getCommandSpec().qualifiedName();
    boolean users = USERS.stream().anyMatch(kind -> kind.isInstance(e));
    boolean known = users || e instanceof TrainingException;
    String more = known || verbose.getAsBoolean() ? "" : " (--verbose shows where)";
    command.getErr().println(name + ": " + message(e, known) + more);
    trace(e, command);
    return users ? BAD_INPUT : FAILED;
  }

  /// What no command can answer for: no memory left, a class that is missing.
  static int error(Error e, boolean verbose, PrintWriter err) {
    err.println("quintet: " + line(e.toString()) + (verbose ? "" : " (--verbose shows where)"));
    if (verbose) {
      e.printStackTrace(err);
    }
    return FAILED;
  }

  private void trace(Exception e, CommandLine command) {
    if (verbose.getAsBoolean()) {
      e.printStackTrace(command.getErr());
    }
  }

  private static String message(Exception e, boolean known) {
    if (e instanceof IOException io) {
      return line(ofFile(io));
    }
    // An exception that only wraps another has the other's name and message for its own; one of the
    // file system says more
    // than that something could not be read.
    if (e.getCause() instanceof IOException io
        && (io instanceof FileSystemException || String.valueOf(io).equals(e.getMessage()))) {
      return line(ofFile(io));
    }
    return line(known && e.getMessage() != null ? e.getMessage() : e.toString());
  }

  /// Java's messages for files are often a path alone.
  private static String ofFile(IOException e) {
    if (!(e instanceof FileSystemException file)) {
      return String.valueOf(e.getMessage());
    }
    String reason = file.getReason() == null ? "" : ": " + file.getReason();
    return switch (file) {
      case NoSuchFileException _ -> file.getFile() + " does not exist" + reason;
      case AccessDeniedException _ -> file.getFile() + " may not be read or written" + reason;
      default -> String.valueOf(file.getMessage());
    };
  }

  private static String line(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
