/**
 * What the job says about itself and its sequences, beside commands: scores, spikes, rejections and signs of life. Nothing
 * here ever makes the job's thread wait.
 */
@NullMarked
package io.edistream.jobs.telemetry;

import org.jspecify.annotations.NullMarked;
