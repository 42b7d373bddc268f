#!/usr/bin/env node
// Runs the native program for this machine, which lies in a package of its own for each platform.
//
// Those are optional dependencies: npm installs the one whose `os` and `cpu` match, and says nothing
// when it installs none. So most of what is here tells what is wrong with an installation, and the
// command that mends it. What differs between releases is in package.json and platforms.json.
//
// The program is a child process, because Node.js has no stable way to become another program.
// Arguments, stdin, stdout and stderr are the child's; signals and the exit status are passed on.

"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { optionalDependencies } = require("../package.json");
const { name, version, title, pathEnv, metadata, platforms } = require("../platforms.json");

const ROOT = path.dirname(__dirname);
const HERE = `${process.platform}-${process.arch}`;
const WINDOWS = process.platform === "win32";

/** What the user is told: what is wrong, perhaps why, and the one thing to do about it. */
class Failure extends Error {
  constructor(message, help) {
    super(message);
    this.help = help;
  }
}

function main() {
  try {
    run(locate());
  } catch (error) {
    report(error);
  }
}

function report(error) {
  if (!(error instanceof Failure)) {
    throw error;
  }
  console.error(`error: ${error.message}\nhelp: ${error.help}`);
  process.exitCode = 1;
}

// Finding the program: its executable, and the directory of helpers that goes onto the PATH.

function locate() {
  const own = process.env[pathEnv];
  return own ? locateOverride(path.resolve(own)) : locatePackage();
}

/** The user's own program: a package directory, or an executable. */
function locateOverride(own) {
  const help = `point ${pathEnv} at a package directory or an executable, or unset it`;
  const wrong = (why) => new Failure(`${pathEnv} is ${own}: ${why}`, help);

  if (isFile(own)) {
    return { executable: own, runnable: own, help };
  }
  if (!isDirectory(own)) {
    throw wrong("there is nothing there");
  }
  const file = path.join(own, metadata);
  if (!isFile(file)) {
    throw wrong(`a directory without ${metadata} is not a package directory`);
  }
  const { entrypoint, pathDir } = readJson(file, (why) => wrong(`${file} is unusable: ${why}`));
  if (typeof entrypoint !== "string") {
    throw wrong(`${file} has no string "entrypoint"`);
  }
  const executable = path.join(own, entrypoint);
  if (!isFile(executable)) {
    throw wrong(`its entrypoint ${executable} is missing`);
  }
  const helpers = typeof pathDir === "string" ? path.join(own, pathDir) : own;
  return { executable, runnable: executable, pathDir: helpers !== own && helpers, help };
}

/** The program in the platform package. */
function locatePackage() {
  const platform = platforms[HERE];
  if (!platform) {
    throw new Failure(
      `there is no ${title} ${version} for ${HERE}, only for ${Object.keys(platforms).join(", ")}`,
      `set ${pathEnv} to a ${title} that was built for ${HERE}`
    );
  }
  const directory = find(platform.package);
  if (!directory) {
    throw missing(platform);
  }
  const damaged = (why) =>
    new Failure(`${directory} is damaged: ${why}`, `remove ${directory}, then ${reinstall()}`);

  // What an alias stands for is written `npm:NAME@VERSION`.
  const expected = optionalDependencies[platform.package].split("@").pop();
  const installed = readJson(path.join(directory, "package.json"), damaged);
  if (!isFor(installed)) {
    throw new Failure(
      `${directory} is for ${installed.os}-${installed.cpu}, and this is ${HERE}`,
      reinstall()
    );
  }
  if (installed.version !== expected) {
    throw new Failure(
      `${name} ${version} runs ${platform.package} ${expected}, and what is installed in ` +
        `${directory} is ${installed.version}`,
      reinstall()
    );
  }
  const bundle = path.join(directory, "vendor", platform.target);
  const executable = path.join(bundle, platform.entrypoint);
  if (!isFile(executable)) {
    throw damaged(`${executable} is missing`);
  }
  return {
    executable,
    // Where one file has lost its executable bit, so have the others.
    runnable: bundle,
    pathDir: platform.pathDir && path.join(bundle, platform.pathDir),
  };
}
