// Everything is there: bring the page to life.

recall();
startRows();
startZoom();
startKeys();
byId("bar").hidden = false;
byId("export").addEventListener("click", exportDecisions);
select(bestOf(series[0]), { focus: false });
series.forEach((row, place) => showSeries(place));
showCounts();
