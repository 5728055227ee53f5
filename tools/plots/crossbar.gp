# States of a crossbar before and after, and how far every cell moved:
#   gnuplot -e "before='a.txt'; after='b.txt'; moved='c.txt'; n=16; out='crossbar.png'" crossbar.gp
# The files hold one row of the array per line.
set terminal pngcairo size 1500,470 font "DejaVu Sans,11"
set output out
set multiplot layout 1,3 margins 0.05,0.95,0.14,0.88 spacing 0.08
set size ratio 1
set xrange [-0.5:n-0.5]
set yrange [n-0.5:-0.5]
set xtics 0,2,n-1 out nomirror
set ytics 0,2,n-1 out nomirror
set xlabel "bit line"
set ylabel "word line" offset 1,0
set palette defined (0 "#fff7ec", 0.25 "#fdd49e", 0.5 "#fc8d59", 0.75 "#d7301f", 1 "#7f0000")
set cbrange [0:1]
set title "State x before"
plot before matrix with image notitle
set title "State x after five SET pulses of 1 V, V/2 scheme"
plot after matrix with image notitle
set title "log10 of each cell's change: half-select disturb"
set palette defined (0 "#f7fbff", 0.5 "#6baed6", 1 "#08306b")
set cbrange [-9:0]
plot moved matrix with image notitle
unset multiplot
