package io.webdnn.train.dataset;

import java.util.List;

/// How people write digits: for each digit several ways, each a list of strokes in the unit square,
/// x to the right, y down.
///
/// A stroke is a smooth curve through its points. Strokes that begin where another ends make a
/// corner; they stay joined when points are displaced.
final class DigitStrokes {
    /// One way to write a digit.
    ///
    /// @param share how often it is taken, relative to the digit's other ways
    /// @param width the usual ratio of width to height
    /// @param strokes coordinates x₀, y₀, x₁, y₁ …
    record Way(double share, double width, List<double[]> strokes) {}

    private DigitStrokes() {}

    private static Way way(double share, double width, double[]... strokes) {
        return new Way(share, width, List.of(strokes));
    }

    private static double[] stroke(double... coordinates) {
        return coordinates;
    }

    /// {@return the ways to write a digit}
    static List<Way> of(int digit) {
        return WAYS.get(digit);
    }

    private static final List<List<Way>> WAYS =
            List.of(zero(), one(), two(), three(), four(), five(), six(), seven(), eight(), nine());

    private static List<Way> zero() {
        return List.of(
                way(
                        3,
                        0.8,
                        stroke(.55, .0, .2, .1, .0, .5, .2, .92, .5, 1, .82, .9, 1, .5, .8, .08, .5, .0)),
                way(
                        1.5,
                        0.8,
                        stroke(.62, .08, .3, .05, .05, .35, .03, .65, .25, .95, .6, .98, .92, .7, .95, .35, .72, .05, .5, .04, .35, .2)),
                way(
                        1,
                        0.75,
                        stroke(.45, .02, .12, .2, .0, .55, .15, .9, .5, 1, .85, .85, 1, .5, .9, .2, .62, .02)),
                way(
                        1,
                        0.8,
                        stroke(.7, .0, .35, .1, .05, .4, .02, .75, .3, 1, .7, .92, .97, .6, .95, .25, .7, .05, .45, .1, .4, .3)));
    }

    private static List<Way> one() {
        return List.of(
                way(
                        5,
                        0.1,
                        stroke(.5, 0, .5, 1)),
                way(
                        1,
                        0.12,
                        stroke(.5, 0, .75, .5, .5, 1)),
                way(
                        0.7,
                        0.12,
                        stroke(.5, 0, .25, .5, .5, 1)),
                way(
                        1.3,
                        0.35,
                        stroke(.15, .28, .55, .0),
                        stroke(.55, .0, .55, 1)),
                way(
                        0.6,
                        0.5,
                        stroke(.2, .25, .5, .0),
                        stroke(.5, .0, .5, 1),
                        stroke(.05, 1, .95, 1)),
                way(
                        0.4,
                        0.3,
                        stroke(.1, .12, .55, .0),
                        stroke(.55, .0, .55, 1)));
    }

    private static List<Way> two() {
        return List.of(
                way(
                        1.5,
                        0.85,
                        stroke(.05, .25, .2, .06, .5, .0, .82, .1, .85, .35, .6, .65, .3, .86, .0, 1),
                        stroke(.0, 1, 1, .97)),
                way(
                        3,
                        0.9,
                        stroke(.1, .2, .3, .03, .6, .02, .75, .18, .7, .45, .45, .75, .2, .97, .03, .94, .08, .8, .3, .8, .6, .95, 1, .92)),
                way(
                        1.5,
                        0.9,
                        stroke(.05, .15, .4, .0, .75, .12, .72, .4, .4, .75, .05, .98),
                        stroke(.05, .98, .3, .9, .65, .97, 1, .9)),
                way(
                        1.5,
                        0.95,
                        stroke(.0, .12, .4, .0, .78, .08, .7, .4, .3, .75, .02, .95),
                        stroke(.02, .95, .5, .92, 1, .98)),
                way(
                        1,
                        0.9,
                        stroke(.05, .3, .2, .05, .55, .0, .75, .2, .65, .5, .35, .85, .12, .95, .05, .75, .25, .65, .55, .8, .75, .97, 1, .98)));
    }

    private static List<Way> three() {
        return List.of(
                way(
                        3,
                        0.75,
                        stroke(.05, .14, .35, .0, .75, .06, .82, .28, .38, .47),
                        stroke(.38, .47, .85, .55, .97, .78, .6, .99, .2, .98, .0, .86)),
                way(
                        1,
                        0.8,
                        stroke(.08, .03, .85, .0),
                        stroke(.85, .0, .42, .42),
                        stroke(.42, .42, .85, .5, .97, .78, .55, 1, .02, .9)),
                way(
                        2,
                        0.75,
                        stroke(.08, .1, .5, .0, .82, .15, .7, .38, .42, .48, .4, .5, .7, .5, .95, .68, .8, .93, .4, 1, .0, .9)),
                way(
                        1.5,
                        0.7,
                        stroke(.1, .08, .5, .0, .75, .12, .65, .32, .35, .45),
                        stroke(.35, .45, .7, .5, .75, .7, .5, .92, .0, 1)),
                way(
                        1,
                        0.8,
                        stroke(.0, .15, .3, .02, .7, .02, .85, .18, .6, .4, .4, .46),
                        stroke(.4, .46, .75, .48, 1, .65, .85, .92, .5, 1, .1, .95)));
    }

    private static List<Way> four() {
        return List.of(
                way(
                        3,
                        0.8,
                        stroke(.15, .0, .05, .3, .02, .55),
                        stroke(.02, .55, .5, .53, .95, .48),
                        stroke(.82, .02, .78, .5, .7, 1)),
                way(
                        1,
                        0.75,
                        stroke(.68, .0, .0, .62),
                        stroke(.0, .62, 1, .6),
                        stroke(.68, .0, .68, 1)),
                way(
                        2,
                        0.75,
                        stroke(.1, .0, .03, .3, .15, .5, .45, .5, .85, .38),
                        stroke(.9, .0, .82, .5, .78, 1)),
                way(
                        1,
                        0.7,
                        stroke(.5, .0, .2, .25, .02, .5),
                        stroke(.02, .5, .5, .55, 1, .5),
                        stroke(.85, .15, .75, 1)),
                way(
                        1,
                        0.8,
                        stroke(.25, .0, .1, .25, .0, .5),
                        stroke(.0, .5, .5, .55, 1, .52),
                        stroke(.65, .25, .6, .6, .55, 1)));
    }

    private static List<Way> five() {
        return List.of(
                way(
                        2,
                        0.8,
                        stroke(.95, .0, .3, .03),
                        stroke(.3, .03, .18, .42),
                        stroke(.18, .42, .5, .36, .88, .52, .9, .82, .5, 1, .0, .9)),
                way(
                        1.5,
                        0.85,
                        stroke(.95, .02, .5, .02, .3, .2, .32, .38, .6, .5, .75, .7, .6, .95, .3, 1, .0, .9)),
                way(
                        1,
                        0.85,
                        stroke(.35, .08, .2, .42),
                        stroke(.2, .42, .55, .42, .8, .6, .75, .88, .4, 1, .02, .92),
                        stroke(.38, .08, 1, .0)),
                way(
                        2,
                        1,
                        stroke(1, .0, .45, .1),
                        stroke(.45, .1, .3, .42),
                        stroke(.3, .42, .55, .42, .72, .6, .6, .88, .3, 1, .0, .92)),
                way(
                        1,
                        0.65,
                        stroke(.9, .0, .5, .05, .35, .25, .5, .45, .65, .65, .6, .9, .35, 1, .05, .95)),
                way(
                        1,
                        0.8,
                        stroke(.9, .0, .3, .0),
                        stroke(.3, .0, .25, .45),
                        stroke(.25, .45, .6, .42, .8, .6, .75, .85, .45, 1, .1, .98)));
    }

    private static List<Way> six() {
        return List.of(
                way(
                        2,
                        0.7,
                        stroke(.75, .0, .35, .22, .06, .6, .12, .9, .45, 1, .85, .88, .88, .65, .55, .54, .12, .72)),
                way(
                        2,
                        0.6,
                        stroke(.45, .0, .15, .38, .02, .75, .2, .98, .6, .98, .9, .82, .78, .64, .4, .64, .08, .82)),
                way(
                        1,
                        0.75,
                        stroke(.9, .05, .6, .0, .25, .2, .03, .55, .08, .88, .4, 1, .8, .92, .92, .7, .6, .52, .2, .62, .06, .75)),
                way(
                        1.5,
                        0.8,
                        stroke(.4, .0, .1, .3, .0, .65, .12, .95, .5, 1, .92, .82, .95, .55, .65, .42, .35, .6, .25, .85)),
                way(
                        1,
                        0.6,
                        stroke(.3, .0, .12, .5, .05, .9, .3, 1, .75, .95, .95, .75, .7, .6, .3, .7, .1, .9)));
    }

    private static List<Way> seven() {
        return List.of(
                way(
                        3,
                        0.8,
                        stroke(.0, .08, .5, .06, .95, .0),
                        stroke(.95, .0, .65, .45, .45, 1)),
                way(
                        1,
                        0.8,
                        stroke(.0, .06, .95, .0),
                        stroke(.95, .0, .6, .5, .45, 1),
                        stroke(.35, .52, .9, .48)),
                way(
                        1.3,
                        0.75,
                        stroke(.0, .25, .08, .03),
                        stroke(.08, .03, .95, .02),
                        stroke(.95, .02, .72, .4, .55, 1)),
                way(
                        1.5,
                        0.75,
                        stroke(.0, .2, .15, .04, .5, .05, .9, .02, .85, .3, .6, .65, .5, 1)),
                way(
                        0.8,
                        0.7,
                        stroke(.0, .35, .1, .05),
                        stroke(.1, .05, .45, .12, .85, .02, .85, .02),
                        stroke(.85, .02, .85, .5, .8, 1)),
                way(
                        0.7,
                        0.75,
                        stroke(.0, .12, .5, .0, .85, .08, .9, .35, .75, .7, .55, 1)),
                way(
                        0.7,
                        0.8,
                        stroke(.0, .1, .95, .0),
                        stroke(.95, .0, .5, .55, .2, 1),
                        stroke(.2, .5, .85, .55)));
    }

    private static List<Way> eight() {
        return List.of(
                way(
                        3,
                        0.65,
                        stroke(.85, .12, .5, .0, .15, .14, .25, .36, .65, .55, .85, .8, .5, 1, .12, .86, .25, .6, .65, .4, .9, .18, .7, .04)),
                way(
                        1,
                        0.65,
                        stroke(.5, .47, .2, .36, .15, .12, .5, .0, .85, .12, .8, .34, .5, .47, .12, .62, .08, .88, .5, 1, .92, .88, .88, .62, .5, .47)),
                way(
                        2,
                        0.7,
                        stroke(1, .05, .6, .05, .25, .12, .2, .3, .5, .45, .7, .65, .65, .9, .35, 1, .1, .85, .2, .62, .55, .4, .85, .2, 1, .02)),
                way(
                        1.5,
                        0.6,
                        stroke(.75, .3, .9, .12, .6, .0, .3, .1, .3, .3, .6, .5, .7, .75, .5, 1, .2, .95, .1, .72, .35, .5, .75, .3)),
                way(
                        1,
                        0.65,
                        stroke(.95, .0, .65, .25, .35, .45, .1, .7, .15, .95, .5, 1, .7, .82, .6, .6, .35, .42, .2, .2, .4, .02, .75, .05)),
                way(
                        1,
                        0.6,
                        stroke(.6, .0, .2, .1, .2, .35, .6, .5, .8, .75, .5, 1, .15, .9, .15, .65, .5, .45, .8, .25, .6, .0)));
    }

    private static List<Way> nine() {
        return List.of(
                way(
                        2,
                        0.65,
                        stroke(.85, .15, .5, .0, .1, .15, .06, .4, .4, .5, .75, .38, .88, .12),
                        stroke(.88, .12, .85, .5, .72, 1)),
                way(
                        2,
                        0.65,
                        stroke(.9, .1, .55, .02, .12, .18, .05, .4, .35, .48, .7, .32, .9, .1),
                        stroke(.9, .1, .78, .55, .7, 1)),
                way(
                        1,
                        0.7,
                        stroke(.88, .2, .55, .0, .12, .14, .08, .4, .45, .5, .85, .3, .88, .2),
                        stroke(.88, .2, .92, .6, .72, .93, .35, 1, .08, .92)),
                way(
                        1.3,
                        0.7,
                        stroke(.8, .25, .85, .05, .45, .0, .08, .2, .05, .42, .3, .5, .65, .35, .8, .25),
                        stroke(.8, .25, .65, .6, .45, 1)),
                way(
                        1,
                        0.75,
                        stroke(.95, .05, .5, .0, .1, .15, .0, .38, .3, .45, .7, .3, .95, .05),
                        stroke(.95, .05, .9, .5, .9, 1)),
                way(
                        0.7,
                        0.6,
                        stroke(.85, .2, .6, .0, .2, .08, .08, .3, .3, .45, .6, .4, .82, .18, .85, .5, .7, .8, .3, 1)));
    }
}
