package dev.quintet.models.hub;

import java.net.URI;

/// Addresses as messages show them: without user, password, query and fragment, where secrets and signatures stand.
final class Shown {
  private Shown() {}

  static String of(URI address) {
    String host = address.getHost() == null ? "" : address.getHost();
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    String path = address.getRawPath() == null ? "" : address.getRawPath();
    return address.getScheme() + "://" + host + port + path;
  }

  /// An address of which nothing is sure: what stands behind a password and before a query, if there are such.
  static String of(String text) {
    int secret = text.lastIndexOf('@') + 1;
    String rest = text.substring(secret).replaceFirst("[?#].*", "").replaceAll("\\p{C}", "?");
    return secret == 0 ? rest : "..." + rest;
  }
}
