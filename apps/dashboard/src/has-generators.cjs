/** What @stdlib/assert-has-generator-support tells, without compiling code: the page's policy forbids that. Every
 *  browser that reads this build has generators. */
module.exports = () => true;
