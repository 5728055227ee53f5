*ng_script
* a function of two vectors
define gain(a,b) mag(a)/mag(b)
