var Yh=0,sc=1,Kh=2;var Ur=1,Zh=2,Us=3,Bi=0,an=1,Dn=2,ss=0,Os=1,rc=2,ac=3,oc=4,Qh=5;var rs=100,Jh=101,jh=102,td=103,ed=104,nd=200,id=201,sd=202,rd=203,lc=204,cc=205,ad=206,od=207,ld=208,cd=209,ud=210,hd=211,dd=212,fd=213,pd=214,Ba=0,ka=1,Ha=2,Cs=3,Va=4,Ga=5,$a=6,Wa=7,uc=0,md=1,gd=2,jn=0,hc=1,dc=2,fc=3,pc=4,mc=5,gc=6,xc=7;var yc=300,as=301,zs=302,mo=303,go=304,qa=1e3,Qn=1001,Xa=1002,me=1003,xd=1004;var Or=1005;var ke=1006,xo=1007;var yi=1008,vc=1008,we=1009,_c=1010,Sc=1011,ki=1012,yo=1013,Ht=1014,yn=1015,Gn=1016,vo=1017,_o=1018,os=1020,bc=35902,Mc=35899,wc=1021,Tc=1022,Ae=1023,mi=1026,vi=1027,Ec=1028,So=1029,Hi=1030,ti=1031;var te=1033,zr=33776,Br=33777,kr=33778,Hr=33779,bo=35840,Mo=35841,wo=35842,To=35843,Eo=36196,Ao=37492,Ro=37496,Co=37488,Io=37489,Vr=37490,Po=37491,Do=37808,Lo=37809,Fo=37810,No=37811,Uo=37812,Oo=37813,zo=37814,Bo=37815,ko=37816,Ho=37817,Vo=37818,Go=37819,$o=37820,Wo=37821,qo=36492,Xo=36494,Yo=36495,Ko=36283,Zo=36284,Gr=36285,Qo=36286;var vr=2300,Ya=2301,Oa=2302,Ql=2303,Jl=2400,jl=2401,tc=2402;var yd=3200;var Jo=0,vd=1,_i="",We="srgb",ji="srgb-linear",_r="linear",ae="srgb";var za=7680;var _d=519,Sd=512,bd=513,Md=514,Ac=515,wd=516,Td=517,Rc=518,Cc=519,Ed=35044;var Bs="300 es",Cn=2e3,Sr=2001;function Tp(i){for(let t=i.length-1;t>=0;--t)if(i[t]>=65535)return!0;return!1}function Ep(i){return ArrayBuffer.isView(i)&&!(i instanceof DataView)}function br(i){return document.createElementNS("http://www.w3.org/1999/xhtml",i)}function Ad(){let i=br("canvas");return i.style.display="block",i}var Eh={},Is=null;function Ic(...i){let t="THREE."+i.shift();Is?Is("log",t,...i):console.log(t,...i)}function Rd(i){let t=i[0];if(typeof t=="string"&&t.startsWith("TSL:")){let e=i[1];e&&e.isStackTrace?i[0]+=" "+e.getLocation():i[1]='Stack trace not available. Enable "THREE.Node.captureStackTrace" to capture stack traces.'}return i}function Dt(...i){i=Rd(i);let t="THREE."+i.shift();if(Is)Is("warn",t,...i);else{let e=i[0];e&&e.isStackTrace?console.warn(e.getError(t)):console.warn(t,...i)}}function Lt(...i){i=Rd(i);let t="THREE."+i.shift();if(Is)Is("error",t,...i);else{let e=i[0];e&&e.isStackTrace?console.error(e.getError(t)):console.error(t,...i)}}function yr(...i){let t=i.join(" ");t in Eh||(Eh[t]=!0,Dt(...i))}function Cd(i,t,e){return new Promise(function(n,s){function r(){switch(i.clientWaitSync(t,i.SYNC_FLUSH_COMMANDS_BIT,0)){case i.WAIT_FAILED:s();break;case i.TIMEOUT_EXPIRED:setTimeout(r,e);break;default:n()}}setTimeout(r,e)})}var Id={[Ba]:Ba,[Ha]:$a,[Va]:Va,[Cs]:Ga,[ka]:ka,[$a]:Ha,[Wa]:Wa,[Ga]:Cs},Jn=class{addEventListener(t,e){this._listeners===void 0&&(this._listeners={});let n=this._listeners;n[t]===void 0&&(n[t]=[]),n[t].indexOf(e)===-1&&n[t].push(e)}hasEventListener(t,e){let n=this._listeners;return n===void 0?!1:n[t]!==void 0&&n[t].indexOf(e)!==-1}removeEventListener(t,e){let n=this._listeners;if(n===void 0)return;let s=n[t];if(s!==void 0){let r=s.indexOf(e);r!==-1&&s.splice(r,1)}}dispatchEvent(t){let e=this._listeners;if(e===void 0)return;let n=e[t.type];if(n!==void 0){t.target=this;let s=n.slice(0);for(let r=0,a=s.length;r<a;r++)s[r].call(this,t);t.target=null}}},Qe=["00","01","02","03","04","05","06","07","08","09","0a","0b","0c","0d","0e","0f","10","11","12","13","14","15","16","17","18","19","1a","1b","1c","1d","1e","1f","20","21","22","23","24","25","26","27","28","29","2a","2b","2c","2d","2e","2f","30","31","32","33","34","35","36","37","38","39","3a","3b","3c","3d","3e","3f","40","41","42","43","44","45","46","47","48","49","4a","4b","4c","4d","4e","4f","50","51","52","53","54","55","56","57","58","59","5a","5b","5c","5d","5e","5f","60","61","62","63","64","65","66","67","68","69","6a","6b","6c","6d","6e","6f","70","71","72","73","74","75","76","77","78","79","7a","7b","7c","7d","7e","7f","80","81","82","83","84","85","86","87","88","89","8a","8b","8c","8d","8e","8f","90","91","92","93","94","95","96","97","98","99","9a","9b","9c","9d","9e","9f","a0","a1","a2","a3","a4","a5","a6","a7","a8","a9","aa","ab","ac","ad","ae","af","b0","b1","b2","b3","b4","b5","b6","b7","b8","b9","ba","bb","bc","bd","be","bf","c0","c1","c2","c3","c4","c5","c6","c7","c8","c9","ca","cb","cc","cd","ce","cf","d0","d1","d2","d3","d4","d5","d6","d7","d8","d9","da","db","dc","dd","de","df","e0","e1","e2","e3","e4","e5","e6","e7","e8","e9","ea","eb","ec","ed","ee","ef","f0","f1","f2","f3","f4","f5","f6","f7","f8","f9","fa","fb","fc","fd","fe","ff"];var Il=Math.PI/180,Ka=180/Math.PI;function $r(){let i=Math.random()*4294967295|0,t=Math.random()*4294967295|0,e=Math.random()*4294967295|0,n=Math.random()*4294967295|0;return(Qe[i&255]+Qe[i>>8&255]+Qe[i>>16&255]+Qe[i>>24&255]+"-"+Qe[t&255]+Qe[t>>8&255]+"-"+Qe[t>>16&15|64]+Qe[t>>24&255]+"-"+Qe[e&63|128]+Qe[e>>8&255]+"-"+Qe[e>>16&255]+Qe[e>>24&255]+Qe[n&255]+Qe[n>>8&255]+Qe[n>>16&255]+Qe[n>>24&255]).toLowerCase()}function Zt(i,t,e){return Math.max(t,Math.min(e,i))}function Ap(i,t){return(i%t+t)%t}function Pl(i,t,e){return(1-e)*i+e*t}function Pd(i){return Math.pow(2,Math.floor(Math.log(i)/Math.LN2))}function Pc(i){switch(i.constructor){case Uint32Array:return 4294967295;case Uint16Array:return 65535;case Uint8Array:case Uint8ClampedArray:return 255;case Int32Array:return 2147483647;case Int16Array:return 32767;case Int8Array:return 127;default:return}}function Rp(i,t){if(t.constructor===Float32Array)return i;let e=Pc(t);if(e===void 0)throw new Error("THREE.MathUtils: Invalid component type.");return Math.max(i/e,-1)}function Cp(i,t){if(t.constructor===Float32Array)return i;let e=Pc(t);if(e===void 0)throw new Error("THREE.MathUtils: Invalid component type.");return Math.round(i*e)}var Wt=class{static{this.prototype.isVector2=!0}constructor(t=0,e=0){this.x=t,this.y=e}get width(){return this.x}set width(t){this.x=t}get height(){return this.y}set height(t){this.y=t}set(t,e){return this.x=t,this.y=e,this}setScalar(t){return this.x=t,this.y=t,this}setX(t){return this.x=t,this}setY(t){return this.y=t,this}setComponent(t,e){switch(t){case 0:this.x=e;break;case 1:this.y=e;break;default:throw new Error("THREE.Vector2: index is out of range: "+t)}return this}getComponent(t){switch(t){case 0:return this.x;case 1:return this.y;default:throw new Error("THREE.Vector2: index is out of range: "+t)}}clone(){return new this.constructor(this.x,this.y)}copy(t){return this.x=t.x,this.y=t.y,this}add(t){return this.x+=t.x,this.y+=t.y,this}addScalar(t){return this.x+=t,this.y+=t,this}addVectors(t,e){return this.x=t.x+e.x,this.y=t.y+e.y,this}addScaledVector(t,e){return this.x+=t.x*e,this.y+=t.y*e,this}sub(t){return this.x-=t.x,this.y-=t.y,this}subScalar(t){return this.x-=t,this.y-=t,this}subVectors(t,e){return this.x=t.x-e.x,this.y=t.y-e.y,this}multiply(t){return this.x*=t.x,this.y*=t.y,this}multiplyScalar(t){return this.x*=t,this.y*=t,this}divide(t){return this.x/=t.x,this.y/=t.y,this}divideScalar(t){return this.multiplyScalar(1/t)}applyMatrix3(t){let e=this.x,n=this.y,s=t.elements;return this.x=s[0]*e+s[3]*n+s[6],this.y=s[1]*e+s[4]*n+s[7],this}min(t){return this.x=Math.min(this.x,t.x),this.y=Math.min(this.y,t.y),this}max(t){return this.x=Math.max(this.x,t.x),this.y=Math.max(this.y,t.y),this}clamp(t,e){return this.x=Zt(this.x,t.x,e.x),this.y=Zt(this.y,t.y,e.y),this}clampScalar(t,e){return this.x=Zt(this.x,t,e),this.y=Zt(this.y,t,e),this}clampLength(t,e){let n=this.length();return this.divideScalar(n||1).multiplyScalar(Zt(n,t,e))}floor(){return this.x=Math.floor(this.x),this.y=Math.floor(this.y),this}ceil(){return this.x=Math.ceil(this.x),this.y=Math.ceil(this.y),this}round(){return this.x=Math.round(this.x),this.y=Math.round(this.y),this}roundToZero(){return this.x=Math.trunc(this.x),this.y=Math.trunc(this.y),this}negate(){return this.x=-this.x,this.y=-this.y,this}dot(t){return this.x*t.x+this.y*t.y}cross(t){return this.x*t.y-this.y*t.x}lengthSq(){return this.x*this.x+this.y*this.y}length(){return Math.sqrt(this.x*this.x+this.y*this.y)}manhattanLength(){return Math.abs(this.x)+Math.abs(this.y)}normalize(){return this.divideScalar(this.length()||1)}angle(){return Math.atan2(-this.y,-this.x)+Math.PI}angleTo(t){let e=Math.sqrt(this.lengthSq()*t.lengthSq());if(e===0)return Math.PI/2;let n=this.dot(t)/e;return Math.acos(Zt(n,-1,1))}distanceTo(t){return Math.sqrt(this.distanceToSquared(t))}distanceToSquared(t){let e=this.x-t.x,n=this.y-t.y;return e*e+n*n}manhattanDistanceTo(t){return Math.abs(this.x-t.x)+Math.abs(this.y-t.y)}setLength(t){return this.normalize().multiplyScalar(t)}lerp(t,e){return this.x+=(t.x-this.x)*e,this.y+=(t.y-this.y)*e,this}lerpVectors(t,e,n){return this.x=t.x+(e.x-t.x)*n,this.y=t.y+(e.y-t.y)*n,this}equals(t){return t.x===this.x&&t.y===this.y}fromArray(t,e=0){return this.x=t[e],this.y=t[e+1],this}toArray(t=[],e=0){return t[e]=this.x,t[e+1]=this.y,t}fromBufferAttribute(t,e){return this.x=t.getX(e),this.y=t.getY(e),this}rotateAround(t,e){let n=Math.cos(e),s=Math.sin(e),r=this.x-t.x,a=this.y-t.y;return this.x=r*n-a*s+t.x,this.y=r*s+a*n+t.y,this}random(){return this.x=Math.random(),this.y=Math.random(),this}*[Symbol.iterator](){yield this.x,yield this.y}},oe=class{constructor(t=0,e=0,n=0,s=1){this.isQuaternion=!0,this._x=t,this._y=e,this._z=n,this._w=s}static slerpFlat(t,e,n,s,r,a,o){let c=n[s+0],l=n[s+1],u=n[s+2],h=n[s+3],d=r[a+0],m=r[a+1],g=r[a+2],v=r[a+3];if(h!==v||c!==d||l!==m||u!==g){let f=c*d+l*m+u*g+h*v;f<0&&(d=-d,m=-m,g=-g,v=-v,f=-f);let p=1-o;if(f<.9995){let y=Math.acos(f),M=Math.sin(y);p=Math.sin(p*y)/M,o=Math.sin(o*y)/M,c=c*p+d*o,l=l*p+m*o,u=u*p+g*o,h=h*p+v*o}else{c=c*p+d*o,l=l*p+m*o,u=u*p+g*o,h=h*p+v*o;let y=1/Math.sqrt(c*c+l*l+u*u+h*h);c*=y,l*=y,u*=y,h*=y}}t[e]=c,t[e+1]=l,t[e+2]=u,t[e+3]=h}static multiplyQuaternionsFlat(t,e,n,s,r,a){let o=n[s],c=n[s+1],l=n[s+2],u=n[s+3],h=r[a],d=r[a+1],m=r[a+2],g=r[a+3];return t[e]=o*g+u*h+c*m-l*d,t[e+1]=c*g+u*d+l*h-o*m,t[e+2]=l*g+u*m+o*d-c*h,t[e+3]=u*g-o*h-c*d-l*m,t}get x(){return this._x}set x(t){this._x=t,this._onChangeCallback()}get y(){return this._y}set y(t){this._y=t,this._onChangeCallback()}get z(){return this._z}set z(t){this._z=t,this._onChangeCallback()}get w(){return this._w}set w(t){this._w=t,this._onChangeCallback()}set(t,e,n,s){return this._x=t,this._y=e,this._z=n,this._w=s,this._onChangeCallback(),this}clone(){return new this.constructor(this._x,this._y,this._z,this._w)}copy(t){return this._x=t.x,this._y=t.y,this._z=t.z,this._w=t.w,this._onChangeCallback(),this}setFromEuler(t,e=!0){let n=t._x,s=t._y,r=t._z,a=t._order,o=Math.cos,c=Math.sin,l=o(n/2),u=o(s/2),h=o(r/2),d=c(n/2),m=c(s/2),g=c(r/2);switch(a){case"XYZ":this._x=d*u*h+l*m*g,this._y=l*m*h-d*u*g,this._z=l*u*g+d*m*h,this._w=l*u*h-d*m*g;break;case"YXZ":this._x=d*u*h+l*m*g,this._y=l*m*h-d*u*g,this._z=l*u*g-d*m*h,this._w=l*u*h+d*m*g;break;case"ZXY":this._x=d*u*h-l*m*g,this._y=l*m*h+d*u*g,this._z=l*u*g+d*m*h,this._w=l*u*h-d*m*g;break;case"ZYX":this._x=d*u*h-l*m*g,this._y=l*m*h+d*u*g,this._z=l*u*g-d*m*h,this._w=l*u*h+d*m*g;break;case"YZX":this._x=d*u*h+l*m*g,this._y=l*m*h+d*u*g,this._z=l*u*g-d*m*h,this._w=l*u*h-d*m*g;break;case"XZY":this._x=d*u*h-l*m*g,this._y=l*m*h-d*u*g,this._z=l*u*g+d*m*h,this._w=l*u*h+d*m*g;break;default:Dt("Quaternion: .setFromEuler() encountered an unknown order: "+a)}return e===!0&&this._onChangeCallback(),this}setFromAxisAngle(t,e){let n=e/2,s=Math.sin(n);return this._x=t.x*s,this._y=t.y*s,this._z=t.z*s,this._w=Math.cos(n),this._onChangeCallback(),this}setFromRotationMatrix(t){let e=t.elements,n=e[0],s=e[4],r=e[8],a=e[1],o=e[5],c=e[9],l=e[2],u=e[6],h=e[10],d=n+o+h;if(d>0){let m=.5/Math.sqrt(d+1);this._w=.25/m,this._x=(u-c)*m,this._y=(r-l)*m,this._z=(a-s)*m}else if(n>o&&n>h){let m=2*Math.sqrt(1+n-o-h);this._w=(u-c)/m,this._x=.25*m,this._y=(s+a)/m,this._z=(r+l)/m}else if(o>h){let m=2*Math.sqrt(1+o-n-h);this._w=(r-l)/m,this._x=(s+a)/m,this._y=.25*m,this._z=(c+u)/m}else{let m=2*Math.sqrt(1+h-n-o);this._w=(a-s)/m,this._x=(r+l)/m,this._y=(c+u)/m,this._z=.25*m}return this._onChangeCallback(),this}setFromUnitVectors(t,e){let n=t.dot(e)+1;return n<1e-8?(n=0,Math.abs(t.x)>Math.abs(t.z)?(this._x=-t.y,this._y=t.x,this._z=0,this._w=n):(this._x=0,this._y=-t.z,this._z=t.y,this._w=n)):(this._x=t.y*e.z-t.z*e.y,this._y=t.z*e.x-t.x*e.z,this._z=t.x*e.y-t.y*e.x,this._w=n),this.normalize()}angleTo(t){return 2*Math.acos(Math.abs(Zt(this.dot(t),-1,1)))}rotateTowards(t,e){let n=this.angleTo(t);if(n===0)return this;let s=Math.min(1,e/n);return this.slerp(t,s),this}identity(){return this.set(0,0,0,1)}invert(){return this.conjugate()}conjugate(){return this._x*=-1,this._y*=-1,this._z*=-1,this._onChangeCallback(),this}dot(t){return this._x*t._x+this._y*t._y+this._z*t._z+this._w*t._w}lengthSq(){return this._x*this._x+this._y*this._y+this._z*this._z+this._w*this._w}length(){return Math.sqrt(this._x*this._x+this._y*this._y+this._z*this._z+this._w*this._w)}normalize(){let t=this.length();return t===0?(this._x=0,this._y=0,this._z=0,this._w=1):(t=1/t,this._x=this._x*t,this._y=this._y*t,this._z=this._z*t,this._w=this._w*t),this._onChangeCallback(),this}multiply(t){return this.multiplyQuaternions(this,t)}premultiply(t){return this.multiplyQuaternions(t,this)}multiplyQuaternions(t,e){let n=t._x,s=t._y,r=t._z,a=t._w,o=e._x,c=e._y,l=e._z,u=e._w;return this._x=n*u+a*o+s*l-r*c,this._y=s*u+a*c+r*o-n*l,this._z=r*u+a*l+n*c-s*o,this._w=a*u-n*o-s*c-r*l,this._onChangeCallback(),this}slerp(t,e){let n=t._x,s=t._y,r=t._z,a=t._w,o=this.dot(t);o<0&&(n=-n,s=-s,r=-r,a=-a,o=-o);let c=1-e;if(o<.9995){let l=Math.acos(o),u=Math.sin(l);c=Math.sin(c*l)/u,e=Math.sin(e*l)/u,this._x=this._x*c+n*e,this._y=this._y*c+s*e,this._z=this._z*c+r*e,this._w=this._w*c+a*e,this._onChangeCallback()}else this._x=this._x*c+n*e,this._y=this._y*c+s*e,this._z=this._z*c+r*e,this._w=this._w*c+a*e,this.normalize();return this}slerpQuaternions(t,e,n){return this.copy(t).slerp(e,n)}random(){let t=2*Math.PI*Math.random(),e=2*Math.PI*Math.random(),n=Math.random(),s=Math.sqrt(1-n),r=Math.sqrt(n);return this.set(s*Math.sin(t),s*Math.cos(t),r*Math.sin(e),r*Math.cos(e))}equals(t){return t._x===this._x&&t._y===this._y&&t._z===this._z&&t._w===this._w}fromArray(t,e=0){return this._x=t[e],this._y=t[e+1],this._z=t[e+2],this._w=t[e+3],this._onChangeCallback(),this}toArray(t=[],e=0){return t[e]=this._x,t[e+1]=this._y,t[e+2]=this._z,t[e+3]=this._w,t}fromBufferAttribute(t,e){return this._x=t.getX(e),this._y=t.getY(e),this._z=t.getZ(e),this._w=t.getW(e),this._onChangeCallback(),this}toJSON(){return this.toArray()}_onChange(t){return this._onChangeCallback=t,this}_onChangeCallback(){}*[Symbol.iterator](){yield this._x,yield this._y,yield this._z,yield this._w}},C=class{static{this.prototype.isVector3=!0}constructor(t=0,e=0,n=0){this.x=t,this.y=e,this.z=n}set(t,e,n){return n===void 0&&(n=this.z),this.x=t,this.y=e,this.z=n,this}setScalar(t){return this.x=t,this.y=t,this.z=t,this}setX(t){return this.x=t,this}setY(t){return this.y=t,this}setZ(t){return this.z=t,this}setComponent(t,e){switch(t){case 0:this.x=e;break;case 1:this.y=e;break;case 2:this.z=e;break;default:throw new Error("THREE.Vector3: index is out of range: "+t)}return this}getComponent(t){switch(t){case 0:return this.x;case 1:return this.y;case 2:return this.z;default:throw new Error("THREE.Vector3: index is out of range: "+t)}}clone(){return new this.constructor(this.x,this.y,this.z)}copy(t){return this.x=t.x,this.y=t.y,this.z=t.z,this}add(t){return this.x+=t.x,this.y+=t.y,this.z+=t.z,this}addScalar(t){return this.x+=t,this.y+=t,this.z+=t,this}addVectors(t,e){return this.x=t.x+e.x,this.y=t.y+e.y,this.z=t.z+e.z,this}addScaledVector(t,e){return this.x+=t.x*e,this.y+=t.y*e,this.z+=t.z*e,this}sub(t){return this.x-=t.x,this.y-=t.y,this.z-=t.z,this}subScalar(t){return this.x-=t,this.y-=t,this.z-=t,this}subVectors(t,e){return this.x=t.x-e.x,this.y=t.y-e.y,this.z=t.z-e.z,this}multiply(t){return this.x*=t.x,this.y*=t.y,this.z*=t.z,this}multiplyScalar(t){return this.x*=t,this.y*=t,this.z*=t,this}multiplyVectors(t,e){return this.x=t.x*e.x,this.y=t.y*e.y,this.z=t.z*e.z,this}applyEuler(t){return this.applyQuaternion(Ah.setFromEuler(t))}applyAxisAngle(t,e){return this.applyQuaternion(Ah.setFromAxisAngle(t,e))}applyMatrix3(t){let e=this.x,n=this.y,s=this.z,r=t.elements;return this.x=r[0]*e+r[3]*n+r[6]*s,this.y=r[1]*e+r[4]*n+r[7]*s,this.z=r[2]*e+r[5]*n+r[8]*s,this}applyNormalMatrix(t){return this.applyMatrix3(t).normalize()}applyMatrix4(t){let e=this.x,n=this.y,s=this.z,r=t.elements,a=1/(r[3]*e+r[7]*n+r[11]*s+r[15]);return this.x=(r[0]*e+r[4]*n+r[8]*s+r[12])*a,this.y=(r[1]*e+r[5]*n+r[9]*s+r[13])*a,this.z=(r[2]*e+r[6]*n+r[10]*s+r[14])*a,this}applyQuaternion(t){let e=this.x,n=this.y,s=this.z,r=t.x,a=t.y,o=t.z,c=t.w,l=2*(a*s-o*n),u=2*(o*e-r*s),h=2*(r*n-a*e);return this.x=e+c*l+a*h-o*u,this.y=n+c*u+o*l-r*h,this.z=s+c*h+r*u-a*l,this}project(t){return this.applyMatrix4(t.matrixWorldInverse).applyMatrix4(t.projectionMatrix)}unproject(t){return this.applyMatrix4(t.projectionMatrixInverse).applyMatrix4(t.matrixWorld)}transformDirection(t){let e=this.x,n=this.y,s=this.z,r=t.elements;return this.x=r[0]*e+r[4]*n+r[8]*s,this.y=r[1]*e+r[5]*n+r[9]*s,this.z=r[2]*e+r[6]*n+r[10]*s,this.normalize()}divide(t){return this.x/=t.x,this.y/=t.y,this.z/=t.z,this}divideScalar(t){return this.multiplyScalar(1/t)}min(t){return this.x=Math.min(this.x,t.x),this.y=Math.min(this.y,t.y),this.z=Math.min(this.z,t.z),this}max(t){return this.x=Math.max(this.x,t.x),this.y=Math.max(this.y,t.y),this.z=Math.max(this.z,t.z),this}clamp(t,e){return this.x=Zt(this.x,t.x,e.x),this.y=Zt(this.y,t.y,e.y),this.z=Zt(this.z,t.z,e.z),this}clampScalar(t,e){return this.x=Zt(this.x,t,e),this.y=Zt(this.y,t,e),this.z=Zt(this.z,t,e),this}clampLength(t,e){let n=this.length();return this.divideScalar(n||1).multiplyScalar(Zt(n,t,e))}floor(){return this.x=Math.floor(this.x),this.y=Math.floor(this.y),this.z=Math.floor(this.z),this}ceil(){return this.x=Math.ceil(this.x),this.y=Math.ceil(this.y),this.z=Math.ceil(this.z),this}round(){return this.x=Math.round(this.x),this.y=Math.round(this.y),this.z=Math.round(this.z),this}roundToZero(){return this.x=Math.trunc(this.x),this.y=Math.trunc(this.y),this.z=Math.trunc(this.z),this}negate(){return this.x=-this.x,this.y=-this.y,this.z=-this.z,this}dot(t){return this.x*t.x+this.y*t.y+this.z*t.z}lengthSq(){return this.x*this.x+this.y*this.y+this.z*this.z}length(){return Math.sqrt(this.x*this.x+this.y*this.y+this.z*this.z)}manhattanLength(){return Math.abs(this.x)+Math.abs(this.y)+Math.abs(this.z)}normalize(){return this.divideScalar(this.length()||1)}setLength(t){return this.normalize().multiplyScalar(t)}lerp(t,e){return this.x+=(t.x-this.x)*e,this.y+=(t.y-this.y)*e,this.z+=(t.z-this.z)*e,this}lerpVectors(t,e,n){return this.x=t.x+(e.x-t.x)*n,this.y=t.y+(e.y-t.y)*n,this.z=t.z+(e.z-t.z)*n,this}cross(t){return this.crossVectors(this,t)}crossVectors(t,e){let n=t.x,s=t.y,r=t.z,a=e.x,o=e.y,c=e.z;return this.x=s*c-r*o,this.y=r*a-n*c,this.z=n*o-s*a,this}projectOnVector(t){let e=t.lengthSq();if(e===0)return this.set(0,0,0);let n=t.dot(this)/e;return this.copy(t).multiplyScalar(n)}projectOnPlane(t){return Dl.copy(this).projectOnVector(t),this.sub(Dl)}reflect(t){return this.sub(Dl.copy(t).multiplyScalar(2*this.dot(t)))}angleTo(t){let e=Math.sqrt(this.lengthSq()*t.lengthSq());if(e===0)return Math.PI/2;let n=this.dot(t)/e;return Math.acos(Zt(n,-1,1))}distanceTo(t){return Math.sqrt(this.distanceToSquared(t))}distanceToSquared(t){let e=this.x-t.x,n=this.y-t.y,s=this.z-t.z;return e*e+n*n+s*s}manhattanDistanceTo(t){return Math.abs(this.x-t.x)+Math.abs(this.y-t.y)+Math.abs(this.z-t.z)}setFromSpherical(t){return this.setFromSphericalCoords(t.radius,t.phi,t.theta)}setFromSphericalCoords(t,e,n){let s=Math.sin(e)*t;return this.x=s*Math.sin(n),this.y=Math.cos(e)*t,this.z=s*Math.cos(n),this}setFromCylindrical(t){return this.setFromCylindricalCoords(t.radius,t.theta,t.y)}setFromCylindricalCoords(t,e,n){return this.x=t*Math.sin(e),this.y=n,this.z=t*Math.cos(e),this}setFromMatrixPosition(t){let e=t.elements;return this.x=e[12],this.y=e[13],this.z=e[14],this}setFromMatrixScale(t){let e=this.setFromMatrixColumn(t,0).length(),n=this.setFromMatrixColumn(t,1).length(),s=this.setFromMatrixColumn(t,2).length();return this.x=e,this.y=n,this.z=s,this}setFromMatrixColumn(t,e){return this.fromArray(t.elements,e*4)}setFromMatrix3Column(t,e){return this.fromArray(t.elements,e*3)}setFromEuler(t){return this.x=t._x,this.y=t._y,this.z=t._z,this}setFromColor(t){return this.x=t.r,this.y=t.g,this.z=t.b,this}equals(t){return t.x===this.x&&t.y===this.y&&t.z===this.z}fromArray(t,e=0){return this.x=t[e],this.y=t[e+1],this.z=t[e+2],this}toArray(t=[],e=0){return t[e]=this.x,t[e+1]=this.y,t[e+2]=this.z,t}fromBufferAttribute(t,e){return this.x=t.getX(e),this.y=t.getY(e),this.z=t.getZ(e),this}random(){return this.x=Math.random(),this.y=Math.random(),this.z=Math.random(),this}randomDirection(){let t=Math.random()*Math.PI*2,e=Math.random()*2-1,n=Math.sqrt(1-e*e);return this.x=n*Math.cos(t),this.y=e,this.z=n*Math.sin(t),this}*[Symbol.iterator](){yield this.x,yield this.y,yield this.z}},Dl=new C,Ah=new oe,It=class{static{this.prototype.isMatrix3=!0}constructor(t,e,n,s,r,a,o,c,l){this.elements=[1,0,0,0,1,0,0,0,1],t!==void 0&&this.set(t,e,n,s,r,a,o,c,l)}set(t,e,n,s,r,a,o,c,l){let u=this.elements;return u[0]=t,u[1]=s,u[2]=o,u[3]=e,u[4]=r,u[5]=c,u[6]=n,u[7]=a,u[8]=l,this}identity(){return this.set(1,0,0,0,1,0,0,0,1),this}copy(t){let e=this.elements,n=t.elements;return e[0]=n[0],e[1]=n[1],e[2]=n[2],e[3]=n[3],e[4]=n[4],e[5]=n[5],e[6]=n[6],e[7]=n[7],e[8]=n[8],this}extractBasis(t,e,n){return t.setFromMatrix3Column(this,0),e.setFromMatrix3Column(this,1),n.setFromMatrix3Column(this,2),this}setFromMatrix4(t){let e=t.elements;return this.set(e[0],e[4],e[8],e[1],e[5],e[9],e[2],e[6],e[10]),this}multiply(t){return this.multiplyMatrices(this,t)}premultiply(t){return this.multiplyMatrices(t,this)}multiplyMatrices(t,e){let n=t.elements,s=e.elements,r=this.elements,a=n[0],o=n[3],c=n[6],l=n[1],u=n[4],h=n[7],d=n[2],m=n[5],g=n[8],v=s[0],f=s[3],p=s[6],y=s[1],M=s[4],b=s[7],w=s[2],E=s[5],x=s[8];return r[0]=a*v+o*y+c*w,r[3]=a*f+o*M+c*E,r[6]=a*p+o*b+c*x,r[1]=l*v+u*y+h*w,r[4]=l*f+u*M+h*E,r[7]=l*p+u*b+h*x,r[2]=d*v+m*y+g*w,r[5]=d*f+m*M+g*E,r[8]=d*p+m*b+g*x,this}multiplyScalar(t){let e=this.elements;return e[0]*=t,e[3]*=t,e[6]*=t,e[1]*=t,e[4]*=t,e[7]*=t,e[2]*=t,e[5]*=t,e[8]*=t,this}determinant(){let t=this.elements,e=t[0],n=t[1],s=t[2],r=t[3],a=t[4],o=t[5],c=t[6],l=t[7],u=t[8];return e*a*u-e*o*l-n*r*u+n*o*c+s*r*l-s*a*c}invert(){let t=this.elements,e=t[0],n=t[1],s=t[2],r=t[3],a=t[4],o=t[5],c=t[6],l=t[7],u=t[8],h=u*a-o*l,d=o*c-u*r,m=l*r-a*c,g=e*h+n*d+s*m;if(g===0)return this.set(0,0,0,0,0,0,0,0,0);let v=1/g;return t[0]=h*v,t[1]=(s*l-u*n)*v,t[2]=(o*n-s*a)*v,t[3]=d*v,t[4]=(u*e-s*c)*v,t[5]=(s*r-o*e)*v,t[6]=m*v,t[7]=(n*c-l*e)*v,t[8]=(a*e-n*r)*v,this}transpose(){let t,e=this.elements;return t=e[1],e[1]=e[3],e[3]=t,t=e[2],e[2]=e[6],e[6]=t,t=e[5],e[5]=e[7],e[7]=t,this}getNormalMatrix(t){return this.setFromMatrix4(t).invert().transpose()}transposeIntoArray(t){let e=this.elements;return t[0]=e[0],t[1]=e[3],t[2]=e[6],t[3]=e[1],t[4]=e[4],t[5]=e[7],t[6]=e[2],t[7]=e[5],t[8]=e[8],this}setUvTransform(t,e,n,s,r,a,o){let c=Math.cos(r),l=Math.sin(r);return this.set(n*c,n*l,-n*(c*a+l*o)+a+t,-s*l,s*c,-s*(-l*a+c*o)+o+e,0,0,1),this}scale(t,e){return yr("Matrix3: .scale() is deprecated. Use .makeScale() instead."),this.premultiply(Ll.makeScale(t,e)),this}rotate(t){return yr("Matrix3: .rotate() is deprecated. Use .makeRotation() instead."),this.premultiply(Ll.makeRotation(-t)),this}translate(t,e){return yr("Matrix3: .translate() is deprecated. Use .makeTranslation() instead."),this.premultiply(Ll.makeTranslation(t,e)),this}makeTranslation(t,e){return t.isVector2?this.set(1,0,t.x,0,1,t.y,0,0,1):this.set(1,0,t,0,1,e,0,0,1),this}makeRotation(t){let e=Math.cos(t),n=Math.sin(t);return this.set(e,-n,0,n,e,0,0,0,1),this}makeScale(t,e){return this.set(t,0,0,0,e,0,0,0,1),this}equals(t){let e=this.elements,n=t.elements;for(let s=0;s<9;s++)if(e[s]!==n[s])return!1;return!0}fromArray(t,e=0){for(let n=0;n<9;n++)this.elements[n]=t[n+e];return this}toArray(t=[],e=0){let n=this.elements;return t[e]=n[0],t[e+1]=n[1],t[e+2]=n[2],t[e+3]=n[3],t[e+4]=n[4],t[e+5]=n[5],t[e+6]=n[6],t[e+7]=n[7],t[e+8]=n[8],t}clone(){return new this.constructor().fromArray(this.elements)}},Ll=new It,Rh=new It().set(.4123908,.3575843,.1804808,.212639,.7151687,.0721923,.0193308,.1191948,.9505322),Ch=new It().set(3.2409699,-1.5373832,-.4986108,-.9692436,1.8759675,.0415551,.0556301,-.203977,1.0569715);function Ip(){let i={enabled:!0,workingColorSpace:ji,spaces:{},convert:function(s,r,a){return this.enabled===!1||r===a||!r||!a||(this.spaces[r].transfer===ae&&(s.r=pi(s.r),s.g=pi(s.g),s.b=pi(s.b)),this.spaces[r].primaries!==this.spaces[a].primaries&&(s.applyMatrix3(this.spaces[r].toXYZ),s.applyMatrix3(this.spaces[a].fromXYZ)),this.spaces[a].transfer===ae&&(s.r=Rs(s.r),s.g=Rs(s.g),s.b=Rs(s.b))),s},workingToColorSpace:function(s,r){return this.convert(s,this.workingColorSpace,r)},colorSpaceToWorking:function(s,r){return this.convert(s,r,this.workingColorSpace)},getPrimaries:function(s){return this.spaces[s].primaries},getTransfer:function(s){return s===_i?_r:this.spaces[s].transfer},getToneMappingMode:function(s){return this.spaces[s].outputColorSpaceConfig.toneMappingMode||"standard"},getLuminanceCoefficients:function(s,r=this.workingColorSpace){return s.fromArray(this.spaces[r].luminanceCoefficients)},define:function(s){Object.assign(this.spaces,s)},_getMatrix:function(s,r,a){return s.copy(this.spaces[a].fromXYZ).multiply(this.spaces[r].toXYZ)},_getDrawingBufferColorSpace:function(s){return this.spaces[s].outputColorSpaceConfig.drawingBufferColorSpace},_getUnpackColorSpace:function(s=this.workingColorSpace){return this.spaces[s].workingColorSpaceConfig.unpackColorSpace}},t=[.64,.33,.3,.6,.15,.06],e=[.2126,.7152,.0722],n=[.3127,.329];return i.define({[ji]:{primaries:t,whitePoint:n,transfer:_r,toXYZ:Rh,fromXYZ:Ch,luminanceCoefficients:e,workingColorSpaceConfig:{unpackColorSpace:We},outputColorSpaceConfig:{drawingBufferColorSpace:We}},[We]:{primaries:t,whitePoint:n,transfer:ae,toXYZ:Rh,fromXYZ:Ch,luminanceCoefficients:e,outputColorSpaceConfig:{drawingBufferColorSpace:We}}}),i}var qt=Ip();function pi(i){return i<.04045?i*.0773993808:Math.pow(i*.9478672986+.0521327014,2.4)}function Rs(i){return i<.0031308?i*12.92:1.055*Math.pow(i,.41666)-.055}var ms,Za=class{static getDataURL(t,e="image/png"){if(/^data:/i.test(t.src)||typeof HTMLCanvasElement>"u")return t.src;let n;if(t instanceof HTMLCanvasElement)n=t;else{ms===void 0&&(ms=br("canvas")),ms.width=t.width,ms.height=t.height;let s=ms.getContext("2d");t instanceof ImageData?s.putImageData(t,0,0):s.drawImage(t,0,0,t.width,t.height),n=ms}return n.toDataURL(e)}static sRGBToLinear(t){if(typeof HTMLImageElement<"u"&&t instanceof HTMLImageElement||typeof HTMLCanvasElement<"u"&&t instanceof HTMLCanvasElement||typeof ImageBitmap<"u"&&t instanceof ImageBitmap){let e=br("canvas");e.width=t.width,e.height=t.height;let n=e.getContext("2d");n.drawImage(t,0,0,t.width,t.height);let s=n.getImageData(0,0,t.width,t.height),r=s.data;for(let a=0;a<r.length;a++)r[a]=pi(r[a]/255)*255;return n.putImageData(s,0,0),e}else if(t.data){let e=t.data.slice(0);for(let n=0;n<e.length;n++)e instanceof Uint8Array||e instanceof Uint8ClampedArray?e[n]=Math.floor(pi(e[n]/255)*255):e[n]=pi(e[n]);return{data:e,width:t.width,height:t.height}}else return Dt("ImageUtils.sRGBToLinear(): Unsupported image type. No color space conversion applied."),t}},Pp=0,Ps=class{constructor(t=null){this.isTextureSource=!0,Object.defineProperty(this,"id",{value:Pp++}),this.uuid=$r(),this.data=t,this.dataReady=!0,this.version=0}getSize(t){let e=this.data;return typeof HTMLVideoElement<"u"&&e instanceof HTMLVideoElement?t.set(e.videoWidth,e.videoHeight,0):typeof VideoFrame<"u"&&e instanceof VideoFrame?t.set(e.displayWidth,e.displayHeight,0):e!==null?t.set(e.width||0,e.height||0,e.depth||0):t.set(0,0,0),t}set needsUpdate(t){t===!0&&this.version++}toJSON(t){let e=t===void 0||typeof t=="string";if(!e&&t.images[this.uuid]!==void 0)return t.images[this.uuid];let n={uuid:this.uuid,url:""},s=this.data;if(s!==null){let r;if(Array.isArray(s)){r=[];for(let a=0,o=s.length;a<o;a++)s[a].isDataTexture?r.push(Fl(s[a].image)):r.push(Fl(s[a]))}else r=Fl(s);n.url=r}return e||(t.images[this.uuid]=n),n}};function Fl(i){return typeof HTMLImageElement<"u"&&i instanceof HTMLImageElement||typeof HTMLCanvasElement<"u"&&i instanceof HTMLCanvasElement||typeof ImageBitmap<"u"&&i instanceof ImageBitmap?Za.getDataURL(i):i.data?{data:Array.from(i.data),width:i.width,height:i.height,type:i.data.constructor.name}:(Dt("Texture: Unable to serialize Texture."),{})}var Dp=0,Nl=new C,cn=class i extends Jn{constructor(t=i.DEFAULT_IMAGE,e=i.DEFAULT_MAPPING,n=Qn,s=Qn,r=ke,a=yi,o=Ae,c=we,l=i.DEFAULT_ANISOTROPY,u=_i){super(),this.isTexture=!0,Object.defineProperty(this,"id",{value:Dp++}),this.uuid=$r(),this.name="",this.source=new Ps(t),this.mipmaps=[],this.mapping=e,this.channel=0,this.wrapS=n,this.wrapT=s,this.magFilter=r,this.minFilter=a,this.anisotropy=l,this.format=o,this.internalFormat=null,this.type=c,this.offset=new Wt(0,0),this.repeat=new Wt(1,1),this.center=new Wt(0,0),this.rotation=0,this.matrixAutoUpdate=!0,this.matrix=new It,this.generateMipmaps=!0,this.mipmapsAutoUpdate=!0,this.premultiplyAlpha=!1,this.flipY=!0,this.unpackAlignment=4,this.colorSpace=u,this.userData={},this.updateRanges=[],this.version=0,this.onUpdate=null,this.renderTarget=null,this.isRenderTargetTexture=!1,this.isArrayTexture=!!(t&&t.depth&&t.depth>1),this.pmremVersion=0,this.isPMREMTexture=!1,this.normalized=!1}get width(){return this.source.getSize(Nl).x}get height(){return this.source.getSize(Nl).y}get depth(){return this.source.getSize(Nl).z}get image(){return this.source.data}set image(t){this.source.data=t}updateMatrix(){this.matrix.setUvTransform(this.offset.x,this.offset.y,this.repeat.x,this.repeat.y,this.rotation,this.center.x,this.center.y)}addUpdateRange(t,e){this.updateRanges.push({start:t,count:e})}clearUpdateRanges(){this.updateRanges.length=0}clone(){return new this.constructor().copy(this)}copy(t){return this.name=t.name,this.source=t.source,this.mipmaps=t.mipmaps.slice(0),this.mapping=t.mapping,this.channel=t.channel,this.wrapS=t.wrapS,this.wrapT=t.wrapT,this.magFilter=t.magFilter,this.minFilter=t.minFilter,this.anisotropy=t.anisotropy,this.format=t.format,this.internalFormat=t.internalFormat,this.type=t.type,this.normalized=t.normalized,this.offset.copy(t.offset),this.repeat.copy(t.repeat),this.center.copy(t.center),this.rotation=t.rotation,this.matrixAutoUpdate=t.matrixAutoUpdate,this.matrix.copy(t.matrix),this.generateMipmaps=t.generateMipmaps,this.mipmapsAutoUpdate=t.mipmapsAutoUpdate,this.premultiplyAlpha=t.premultiplyAlpha,this.flipY=t.flipY,this.unpackAlignment=t.unpackAlignment,this.colorSpace=t.colorSpace,this.renderTarget=t.renderTarget,this.isRenderTargetTexture=t.isRenderTargetTexture,this.isPMREMTexture=t.isPMREMTexture,this.isArrayTexture=t.isArrayTexture,this.userData=JSON.parse(JSON.stringify(t.userData)),this.needsUpdate=!0,this}setValues(t){for(let e in t){let n=t[e];if(n===void 0){Dt(`Texture.setValues(): parameter '${e}' has value of undefined.`);continue}let s=this[e];if(s===void 0){Dt(`Texture.setValues(): property '${e}' does not exist.`);continue}s&&n&&s.isVector2&&n.isVector2||s&&n&&s.isVector3&&n.isVector3||s&&n&&s.isMatrix3&&n.isMatrix3?s.copy(n):this[e]=n}}toJSON(t){let e=t===void 0||typeof t=="string";if(!e&&t.textures[this.uuid]!==void 0)return t.textures[this.uuid];let n={metadata:{version:4.7,type:"Texture",generator:"Texture.toJSON"},uuid:this.uuid,name:this.name,image:this.source.toJSON(t).uuid,mapping:this.mapping,channel:this.channel,repeat:[this.repeat.x,this.repeat.y],offset:[this.offset.x,this.offset.y],center:[this.center.x,this.center.y],rotation:this.rotation,wrap:[this.wrapS,this.wrapT],format:this.format,internalFormat:this.internalFormat,type:this.type,normalized:this.normalized,colorSpace:this.colorSpace,minFilter:this.minFilter,magFilter:this.magFilter,anisotropy:this.anisotropy,flipY:this.flipY,generateMipmaps:this.generateMipmaps,mipmapsAutoUpdate:this.mipmapsAutoUpdate,premultiplyAlpha:this.premultiplyAlpha,unpackAlignment:this.unpackAlignment};return Object.keys(this.userData).length>0&&(n.userData=this.userData),e||(t.textures[this.uuid]=n),n}dispose(){this.dispatchEvent({type:"dispose"})}transformUv(t){if(this.mapping!==yc)return t;if(t.applyMatrix3(this.matrix),t.x<0||t.x>1)switch(this.wrapS){case qa:t.x=t.x-Math.floor(t.x);break;case Qn:t.x=t.x<0?0:1;break;case Xa:Math.abs(Math.floor(t.x)%2)===1?t.x=Math.ceil(t.x)-t.x:t.x=t.x-Math.floor(t.x);break}if(t.y<0||t.y>1)switch(this.wrapT){case qa:t.y=t.y-Math.floor(t.y);break;case Qn:t.y=t.y<0?0:1;break;case Xa:Math.abs(Math.floor(t.y)%2)===1?t.y=Math.ceil(t.y)-t.y:t.y=t.y-Math.floor(t.y);break}return this.flipY&&(t.y=1-t.y),t}set needsUpdate(t){t===!0&&(this.version++,this.source.needsUpdate=!0)}set needsPMREMUpdate(t){t===!0&&this.pmremVersion++}};cn.DEFAULT_IMAGE=null;cn.DEFAULT_MAPPING=yc;cn.DEFAULT_ANISOTROPY=1;var Qt=class{static{this.prototype.isVector4=!0}constructor(t=0,e=0,n=0,s=1){this.x=t,this.y=e,this.z=n,this.w=s}get width(){return this.z}set width(t){this.z=t}get height(){return this.w}set height(t){this.w=t}set(t,e,n,s){return this.x=t,this.y=e,this.z=n,this.w=s,this}setScalar(t){return this.x=t,this.y=t,this.z=t,this.w=t,this}setX(t){return this.x=t,this}setY(t){return this.y=t,this}setZ(t){return this.z=t,this}setW(t){return this.w=t,this}setComponent(t,e){switch(t){case 0:this.x=e;break;case 1:this.y=e;break;case 2:this.z=e;break;case 3:this.w=e;break;default:throw new Error("THREE.Vector4: index is out of range: "+t)}return this}getComponent(t){switch(t){case 0:return this.x;case 1:return this.y;case 2:return this.z;case 3:return this.w;default:throw new Error("THREE.Vector4: index is out of range: "+t)}}clone(){return new this.constructor(this.x,this.y,this.z,this.w)}copy(t){return this.x=t.x,this.y=t.y,this.z=t.z,this.w=t.w!==void 0?t.w:1,this}add(t){return this.x+=t.x,this.y+=t.y,this.z+=t.z,this.w+=t.w,this}addScalar(t){return this.x+=t,this.y+=t,this.z+=t,this.w+=t,this}addVectors(t,e){return this.x=t.x+e.x,this.y=t.y+e.y,this.z=t.z+e.z,this.w=t.w+e.w,this}addScaledVector(t,e){return this.x+=t.x*e,this.y+=t.y*e,this.z+=t.z*e,this.w+=t.w*e,this}sub(t){return this.x-=t.x,this.y-=t.y,this.z-=t.z,this.w-=t.w,this}subScalar(t){return this.x-=t,this.y-=t,this.z-=t,this.w-=t,this}subVectors(t,e){return this.x=t.x-e.x,this.y=t.y-e.y,this.z=t.z-e.z,this.w=t.w-e.w,this}multiply(t){return this.x*=t.x,this.y*=t.y,this.z*=t.z,this.w*=t.w,this}multiplyScalar(t){return this.x*=t,this.y*=t,this.z*=t,this.w*=t,this}applyMatrix4(t){let e=this.x,n=this.y,s=this.z,r=this.w,a=t.elements;return this.x=a[0]*e+a[4]*n+a[8]*s+a[12]*r,this.y=a[1]*e+a[5]*n+a[9]*s+a[13]*r,this.z=a[2]*e+a[6]*n+a[10]*s+a[14]*r,this.w=a[3]*e+a[7]*n+a[11]*s+a[15]*r,this}divide(t){return this.x/=t.x,this.y/=t.y,this.z/=t.z,this.w/=t.w,this}divideScalar(t){return this.multiplyScalar(1/t)}setAxisAngleFromQuaternion(t){this.w=2*Math.acos(t.w);let e=Math.sqrt(1-t.w*t.w);return e<1e-4?(this.x=1,this.y=0,this.z=0):(this.x=t.x/e,this.y=t.y/e,this.z=t.z/e),this}setAxisAngleFromRotationMatrix(t){let e,n,s,r,c=t.elements,l=c[0],u=c[4],h=c[8],d=c[1],m=c[5],g=c[9],v=c[2],f=c[6],p=c[10];if(Math.abs(u-d)<.01&&Math.abs(h-v)<.01&&Math.abs(g-f)<.01){if(Math.abs(u+d)<.1&&Math.abs(h+v)<.1&&Math.abs(g+f)<.1&&Math.abs(l+m+p-3)<.1)return this.set(1,0,0,0),this;e=Math.PI;let M=(l+1)/2,b=(m+1)/2,w=(p+1)/2,E=(u+d)/4,x=(h+v)/4,T=(g+f)/4;return M>b&&M>w?M<.01?(n=0,s=.707106781,r=.707106781):(n=Math.sqrt(M),s=E/n,r=x/n):b>w?b<.01?(n=.707106781,s=0,r=.707106781):(s=Math.sqrt(b),n=E/s,r=T/s):w<.01?(n=.707106781,s=.707106781,r=0):(r=Math.sqrt(w),n=x/r,s=T/r),this.set(n,s,r,e),this}let y=Math.sqrt((f-g)*(f-g)+(h-v)*(h-v)+(d-u)*(d-u));return Math.abs(y)<.001&&(y=1),this.x=(f-g)/y,this.y=(h-v)/y,this.z=(d-u)/y,this.w=Math.acos((l+m+p-1)/2),this}setFromMatrixPosition(t){let e=t.elements;return this.x=e[12],this.y=e[13],this.z=e[14],this.w=e[15],this}min(t){return this.x=Math.min(this.x,t.x),this.y=Math.min(this.y,t.y),this.z=Math.min(this.z,t.z),this.w=Math.min(this.w,t.w),this}max(t){return this.x=Math.max(this.x,t.x),this.y=Math.max(this.y,t.y),this.z=Math.max(this.z,t.z),this.w=Math.max(this.w,t.w),this}clamp(t,e){return this.x=Zt(this.x,t.x,e.x),this.y=Zt(this.y,t.y,e.y),this.z=Zt(this.z,t.z,e.z),this.w=Zt(this.w,t.w,e.w),this}clampScalar(t,e){return this.x=Zt(this.x,t,e),this.y=Zt(this.y,t,e),this.z=Zt(this.z,t,e),this.w=Zt(this.w,t,e),this}clampLength(t,e){let n=this.length();return this.divideScalar(n||1).multiplyScalar(Zt(n,t,e))}floor(){return this.x=Math.floor(this.x),this.y=Math.floor(this.y),this.z=Math.floor(this.z),this.w=Math.floor(this.w),this}ceil(){return this.x=Math.ceil(this.x),this.y=Math.ceil(this.y),this.z=Math.ceil(this.z),this.w=Math.ceil(this.w),this}round(){return this.x=Math.round(this.x),this.y=Math.round(this.y),this.z=Math.round(this.z),this.w=Math.round(this.w),this}roundToZero(){return this.x=Math.trunc(this.x),this.y=Math.trunc(this.y),this.z=Math.trunc(this.z),this.w=Math.trunc(this.w),this}negate(){return this.x=-this.x,this.y=-this.y,this.z=-this.z,this.w=-this.w,this}dot(t){return this.x*t.x+this.y*t.y+this.z*t.z+this.w*t.w}lengthSq(){return this.x*this.x+this.y*this.y+this.z*this.z+this.w*this.w}length(){return Math.sqrt(this.x*this.x+this.y*this.y+this.z*this.z+this.w*this.w)}manhattanLength(){return Math.abs(this.x)+Math.abs(this.y)+Math.abs(this.z)+Math.abs(this.w)}normalize(){return this.divideScalar(this.length()||1)}setLength(t){return this.normalize().multiplyScalar(t)}lerp(t,e){return this.x+=(t.x-this.x)*e,this.y+=(t.y-this.y)*e,this.z+=(t.z-this.z)*e,this.w+=(t.w-this.w)*e,this}lerpVectors(t,e,n){return this.x=t.x+(e.x-t.x)*n,this.y=t.y+(e.y-t.y)*n,this.z=t.z+(e.z-t.z)*n,this.w=t.w+(e.w-t.w)*n,this}equals(t){return t.x===this.x&&t.y===this.y&&t.z===this.z&&t.w===this.w}fromArray(t,e=0){return this.x=t[e],this.y=t[e+1],this.z=t[e+2],this.w=t[e+3],this}toArray(t=[],e=0){return t[e]=this.x,t[e+1]=this.y,t[e+2]=this.z,t[e+3]=this.w,t}fromBufferAttribute(t,e){return this.x=t.getX(e),this.y=t.getY(e),this.z=t.getZ(e),this.w=t.getW(e),this}random(){return this.x=Math.random(),this.y=Math.random(),this.z=Math.random(),this.w=Math.random(),this}*[Symbol.iterator](){yield this.x,yield this.y,yield this.z,yield this.w}},Qa=class extends Jn{constructor(t=1,e=1,n={}){super(),n=Object.assign({generateMipmaps:!1,internalFormat:null,minFilter:ke,depthBuffer:!0,stencilBuffer:!1,resolveColorBuffer:!0,resolveDepthBuffer:!0,resolveStencilBuffer:!0,storeMultisampledColorBuffer:!0,storeMultisampledDepthBuffer:!0,storeMultisampledStencilBuffer:!0,depthTexture:null,samples:0,count:1,depth:1,multiview:!1,useArrayDepthTexture:!1},n),this.isRenderTarget=!0,this.width=t,this.height=e,this.depth=n.depth,this.scissor=new Qt(0,0,t,e),this.scissorTest=!1,this.viewport=new Qt(0,0,t,e),this.textures=[];let s=n.count;for(let r=0;r<s;r++)this.textures[r]=new cn({width:t,height:e,depth:n.depth}),this.textures[r].isRenderTargetTexture=!0,this.textures[r].renderTarget=this;this._setTextureOptions(n),this.depthBuffer=n.depthBuffer,this.stencilBuffer=n.stencilBuffer,this.resolveColorBuffer=n.resolveColorBuffer,this.resolveDepthBuffer=n.resolveDepthBuffer,this.resolveStencilBuffer=n.resolveStencilBuffer,this.storeMultisampledColorBuffer=n.storeMultisampledColorBuffer,this.storeMultisampledDepthBuffer=n.storeMultisampledDepthBuffer,this.storeMultisampledStencilBuffer=n.storeMultisampledStencilBuffer,this._depthTexture=null,this.depthTexture=n.depthTexture,this.samples=n.samples,this.multiview=n.multiview,this.useArrayDepthTexture=n.useArrayDepthTexture}_setTextureOptions(t={}){let e={minFilter:ke,generateMipmaps:!1,flipY:!1,internalFormat:null};t.mapping!==void 0&&(e.mapping=t.mapping),t.wrapS!==void 0&&(e.wrapS=t.wrapS),t.wrapT!==void 0&&(e.wrapT=t.wrapT),t.wrapR!==void 0&&(e.wrapR=t.wrapR),t.magFilter!==void 0&&(e.magFilter=t.magFilter),t.minFilter!==void 0&&(e.minFilter=t.minFilter),t.format!==void 0&&(e.format=t.format),t.type!==void 0&&(e.type=t.type),t.anisotropy!==void 0&&(e.anisotropy=t.anisotropy),t.colorSpace!==void 0&&(e.colorSpace=t.colorSpace),t.flipY!==void 0&&(e.flipY=t.flipY),t.generateMipmaps!==void 0&&(e.generateMipmaps=t.generateMipmaps),t.mipmapsAutoUpdate!==void 0&&(e.mipmapsAutoUpdate=t.mipmapsAutoUpdate),t.internalFormat!==void 0&&(e.internalFormat=t.internalFormat);for(let n=0;n<this.textures.length;n++)this.textures[n].setValues(e)}get texture(){return this.textures[0]}set texture(t){this.textures[0]=t}set depthTexture(t){this._depthTexture!==null&&this._depthTexture.renderTarget===this&&(this._depthTexture.renderTarget=null),t!==null&&t.renderTarget===null&&(t.renderTarget=this),this._depthTexture=t}get depthTexture(){return this._depthTexture}setSize(t,e,n=1){if(this.width!==t||this.height!==e||this.depth!==n){this.width=t,this.height=e,this.depth=n;for(let s=0,r=this.textures.length;s<r;s++)this.textures[s].image.width=t,this.textures[s].image.height=e,this.textures[s].image.depth=n,this.textures[s].isData3DTexture!==!0&&(this.textures[s].isArrayTexture=this.textures[s].image.depth>1);this.dispose()}this.viewport.set(0,0,t,e),this.scissor.set(0,0,t,e)}clone(){return new this.constructor().copy(this)}copy(t){this.width=t.width,this.height=t.height,this.depth=t.depth,this.scissor.copy(t.scissor),this.scissorTest=t.scissorTest,this.viewport.copy(t.viewport),this.textures.length=0;for(let e=0,n=t.textures.length;e<n;e++){this.textures[e]=t.textures[e].clone(),this.textures[e].isRenderTargetTexture=!0,this.textures[e].renderTarget=this;let s=Object.assign({},t.textures[e].image);this.textures[e].source=new Ps(s)}if(this.depthBuffer=t.depthBuffer,this.stencilBuffer=t.stencilBuffer,this.resolveColorBuffer=t.resolveColorBuffer,this.resolveDepthBuffer=t.resolveDepthBuffer,this.resolveStencilBuffer=t.resolveStencilBuffer,this.storeMultisampledColorBuffer=t.storeMultisampledColorBuffer,this.storeMultisampledDepthBuffer=t.storeMultisampledDepthBuffer,this.storeMultisampledStencilBuffer=t.storeMultisampledStencilBuffer,t.depthTexture!==null)if(t.depthTexture.renderTarget===t){let e=t.depthTexture.clone();e.renderTarget=null,this.depthTexture=e}else this.depthTexture=t.depthTexture;else this.depthTexture=null;return this.samples=t.samples,this.multiview=t.multiview,this.useArrayDepthTexture=t.useArrayDepthTexture,this}dispose(){this.dispatchEvent({type:"dispose"})}},Xe=class extends Qa{constructor(t=1,e=1,n={}){super(t,e,n),this.isWebGLRenderTarget=!0}},_e=class extends cn{constructor(t=null,e=1,n=1,s=1){super(null),this.isDataArrayTexture=!0,this.image={data:t,width:e,height:n,depth:s},this.magFilter=me,this.minFilter=me,this.wrapR=Qn,this.generateMipmaps=!1,this.flipY=!1,this.unpackAlignment=1,this.layerUpdates=new Set}copy(t){return super.copy(t),this.wrapR=t.wrapR,this}addLayerUpdate(t){this.layerUpdates.add(t)}clearLayerUpdates(){this.layerUpdates.clear()}},ts=class extends Xe{constructor(t=1,e=1,n=1,s={}){super(t,e,s),this.isWebGLArrayRenderTarget=!0,this.depth=n,this.texture=new _e(null,t,e,n),this._setTextureOptions(s),this.texture.isRenderTargetTexture=!0}},Ja=class extends cn{constructor(t=null,e=1,n=1,s=1){super(null),this.isData3DTexture=!0,this.image={data:t,width:e,height:n,depth:s},this.magFilter=me,this.minFilter=me,this.wrapR=Qn,this.generateMipmaps=!1,this.flipY=!1,this.unpackAlignment=1}copy(t){return super.copy(t),this.wrapR=t.wrapR,this}};var ie=class i{static{this.prototype.isMatrix4=!0}constructor(t,e,n,s,r,a,o,c,l,u,h,d,m,g,v,f){this.elements=[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1],t!==void 0&&this.set(t,e,n,s,r,a,o,c,l,u,h,d,m,g,v,f)}set(t,e,n,s,r,a,o,c,l,u,h,d,m,g,v,f){let p=this.elements;return p[0]=t,p[4]=e,p[8]=n,p[12]=s,p[1]=r,p[5]=a,p[9]=o,p[13]=c,p[2]=l,p[6]=u,p[10]=h,p[14]=d,p[3]=m,p[7]=g,p[11]=v,p[15]=f,this}identity(){return this.set(1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1),this}clone(){return new i().fromArray(this.elements)}copy(t){let e=this.elements,n=t.elements;return e[0]=n[0],e[1]=n[1],e[2]=n[2],e[3]=n[3],e[4]=n[4],e[5]=n[5],e[6]=n[6],e[7]=n[7],e[8]=n[8],e[9]=n[9],e[10]=n[10],e[11]=n[11],e[12]=n[12],e[13]=n[13],e[14]=n[14],e[15]=n[15],this}copyPosition(t){let e=this.elements,n=t.elements;return e[12]=n[12],e[13]=n[13],e[14]=n[14],this}setFromMatrix3(t){let e=t.elements;return this.set(e[0],e[3],e[6],0,e[1],e[4],e[7],0,e[2],e[5],e[8],0,0,0,0,1),this}extractBasis(t,e,n){return this.determinantAffine()===0?(t.set(1,0,0),e.set(0,1,0),n.set(0,0,1),this):(t.setFromMatrixColumn(this,0),e.setFromMatrixColumn(this,1),n.setFromMatrixColumn(this,2),this)}makeBasis(t,e,n){return this.set(t.x,e.x,n.x,0,t.y,e.y,n.y,0,t.z,e.z,n.z,0,0,0,0,1),this}extractRotation(t){if(t.determinantAffine()===0)return this.identity();let e=this.elements,n=t.elements,s=1/gs.setFromMatrixColumn(t,0).length(),r=1/gs.setFromMatrixColumn(t,1).length(),a=1/gs.setFromMatrixColumn(t,2).length();return e[0]=n[0]*s,e[1]=n[1]*s,e[2]=n[2]*s,e[3]=0,e[4]=n[4]*r,e[5]=n[5]*r,e[6]=n[6]*r,e[7]=0,e[8]=n[8]*a,e[9]=n[9]*a,e[10]=n[10]*a,e[11]=0,e[12]=0,e[13]=0,e[14]=0,e[15]=1,this}makeRotationFromEuler(t){let e=this.elements,n=t.x,s=t.y,r=t.z,a=Math.cos(n),o=Math.sin(n),c=Math.cos(s),l=Math.sin(s),u=Math.cos(r),h=Math.sin(r);if(t.order==="XYZ"){let d=a*u,m=a*h,g=o*u,v=o*h;e[0]=c*u,e[4]=-c*h,e[8]=l,e[1]=m+g*l,e[5]=d-v*l,e[9]=-o*c,e[2]=v-d*l,e[6]=g+m*l,e[10]=a*c}else if(t.order==="YXZ"){let d=c*u,m=c*h,g=l*u,v=l*h;e[0]=d+v*o,e[4]=g*o-m,e[8]=a*l,e[1]=a*h,e[5]=a*u,e[9]=-o,e[2]=m*o-g,e[6]=v+d*o,e[10]=a*c}else if(t.order==="ZXY"){let d=c*u,m=c*h,g=l*u,v=l*h;e[0]=d-v*o,e[4]=-a*h,e[8]=g+m*o,e[1]=m+g*o,e[5]=a*u,e[9]=v-d*o,e[2]=-a*l,e[6]=o,e[10]=a*c}else if(t.order==="ZYX"){let d=a*u,m=a*h,g=o*u,v=o*h;e[0]=c*u,e[4]=g*l-m,e[8]=d*l+v,e[1]=c*h,e[5]=v*l+d,e[9]=m*l-g,e[2]=-l,e[6]=o*c,e[10]=a*c}else if(t.order==="YZX"){let d=a*c,m=a*l,g=o*c,v=o*l;e[0]=c*u,e[4]=v-d*h,e[8]=g*h+m,e[1]=h,e[5]=a*u,e[9]=-o*u,e[2]=-l*u,e[6]=m*h+g,e[10]=d-v*h}else if(t.order==="XZY"){let d=a*c,m=a*l,g=o*c,v=o*l;e[0]=c*u,e[4]=-h,e[8]=l*u,e[1]=d*h+v,e[5]=a*u,e[9]=m*h-g,e[2]=g*h-m,e[6]=o*u,e[10]=v*h+d}return e[3]=0,e[7]=0,e[11]=0,e[12]=0,e[13]=0,e[14]=0,e[15]=1,this}makeRotationFromQuaternion(t){return this.compose(Lp,t,Fp)}lookAt(t,e,n){let s=this.elements;return fn.subVectors(t,e),fn.lengthSq()===0&&(fn.z=1),fn.normalize(),Ai.crossVectors(n,fn),Ai.lengthSq()===0&&(Math.abs(n.z)===1?fn.x+=1e-4:fn.z+=1e-4,fn.normalize(),Ai.crossVectors(n,fn)),Ai.normalize(),xa.crossVectors(fn,Ai),s[0]=Ai.x,s[4]=xa.x,s[8]=fn.x,s[1]=Ai.y,s[5]=xa.y,s[9]=fn.y,s[2]=Ai.z,s[6]=xa.z,s[10]=fn.z,this}multiply(t){return this.multiplyMatrices(this,t)}premultiply(t){return this.multiplyMatrices(t,this)}multiplyMatrices(t,e){let n=t.elements,s=e.elements,r=this.elements,a=n[0],o=n[4],c=n[8],l=n[12],u=n[1],h=n[5],d=n[9],m=n[13],g=n[2],v=n[6],f=n[10],p=n[14],y=n[3],M=n[7],b=n[11],w=n[15],E=s[0],x=s[4],T=s[8],N=s[12],P=s[1],D=s[5],U=s[9],$=s[13],I=s[2],G=s[6],q=s[10],k=s[14],tt=s[3],H=s[7],Q=s[11],j=s[15];return r[0]=a*E+o*P+c*I+l*tt,r[4]=a*x+o*D+c*G+l*H,r[8]=a*T+o*U+c*q+l*Q,r[12]=a*N+o*$+c*k+l*j,r[1]=u*E+h*P+d*I+m*tt,r[5]=u*x+h*D+d*G+m*H,r[9]=u*T+h*U+d*q+m*Q,r[13]=u*N+h*$+d*k+m*j,r[2]=g*E+v*P+f*I+p*tt,r[6]=g*x+v*D+f*G+p*H,r[10]=g*T+v*U+f*q+p*Q,r[14]=g*N+v*$+f*k+p*j,r[3]=y*E+M*P+b*I+w*tt,r[7]=y*x+M*D+b*G+w*H,r[11]=y*T+M*U+b*q+w*Q,r[15]=y*N+M*$+b*k+w*j,this}multiplyScalar(t){let e=this.elements;return e[0]*=t,e[4]*=t,e[8]*=t,e[12]*=t,e[1]*=t,e[5]*=t,e[9]*=t,e[13]*=t,e[2]*=t,e[6]*=t,e[10]*=t,e[14]*=t,e[3]*=t,e[7]*=t,e[11]*=t,e[15]*=t,this}determinant(){let t=this.elements,e=t[0],n=t[4],s=t[8],r=t[12],a=t[1],o=t[5],c=t[9],l=t[13],u=t[2],h=t[6],d=t[10],m=t[14],g=t[3],v=t[7],f=t[11],p=t[15],y=c*m-l*d,M=o*m-l*h,b=o*d-c*h,w=a*m-l*u,E=a*d-c*u,x=a*h-o*u;return e*(v*y-f*M+p*b)-n*(g*y-f*w+p*E)+s*(g*M-v*w+p*x)-r*(g*b-v*E+f*x)}determinantAffine(){let t=this.elements,e=t[0],n=t[4],s=t[8],r=t[1],a=t[5],o=t[9],c=t[2],l=t[6],u=t[10];return e*(a*u-o*l)-n*(r*u-o*c)+s*(r*l-a*c)}transpose(){let t=this.elements,e;return e=t[1],t[1]=t[4],t[4]=e,e=t[2],t[2]=t[8],t[8]=e,e=t[6],t[6]=t[9],t[9]=e,e=t[3],t[3]=t[12],t[12]=e,e=t[7],t[7]=t[13],t[13]=e,e=t[11],t[11]=t[14],t[14]=e,this}setPosition(t,e,n){let s=this.elements;return t.isVector3?(s[12]=t.x,s[13]=t.y,s[14]=t.z):(s[12]=t,s[13]=e,s[14]=n),this}invert(){let t=this.elements,e=t[0],n=t[1],s=t[2],r=t[3],a=t[4],o=t[5],c=t[6],l=t[7],u=t[8],h=t[9],d=t[10],m=t[11],g=t[12],v=t[13],f=t[14],p=t[15],y=e*o-n*a,M=e*c-s*a,b=e*l-r*a,w=n*c-s*o,E=n*l-r*o,x=s*l-r*c,T=u*v-h*g,N=u*f-d*g,P=u*p-m*g,D=h*f-d*v,U=h*p-m*v,$=d*p-m*f,I=y*$-M*U+b*D+w*P-E*N+x*T;if(I===0)return this.set(0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0);let G=1/I;return t[0]=(o*$-c*U+l*D)*G,t[1]=(s*U-n*$-r*D)*G,t[2]=(v*x-f*E+p*w)*G,t[3]=(d*E-h*x-m*w)*G,t[4]=(c*P-a*$-l*N)*G,t[5]=(e*$-s*P+r*N)*G,t[6]=(f*b-g*x-p*M)*G,t[7]=(u*x-d*b+m*M)*G,t[8]=(a*U-o*P+l*T)*G,t[9]=(n*P-e*U-r*T)*G,t[10]=(g*E-v*b+p*y)*G,t[11]=(h*b-u*E-m*y)*G,t[12]=(o*N-a*D-c*T)*G,t[13]=(e*D-n*N+s*T)*G,t[14]=(v*M-g*w-f*y)*G,t[15]=(u*w-h*M+d*y)*G,this}scale(t){let e=this.elements,n=t.x,s=t.y,r=t.z;return e[0]*=n,e[4]*=s,e[8]*=r,e[1]*=n,e[5]*=s,e[9]*=r,e[2]*=n,e[6]*=s,e[10]*=r,e[3]*=n,e[7]*=s,e[11]*=r,this}getMaxScaleOnAxis(){let t=this.elements,e=t[0]*t[0]+t[1]*t[1]+t[2]*t[2],n=t[4]*t[4]+t[5]*t[5]+t[6]*t[6],s=t[8]*t[8]+t[9]*t[9]+t[10]*t[10];return Math.sqrt(Math.max(e,n,s))}makeTranslation(t,e,n){return t.isVector3?this.set(1,0,0,t.x,0,1,0,t.y,0,0,1,t.z,0,0,0,1):this.set(1,0,0,t,0,1,0,e,0,0,1,n,0,0,0,1),this}makeRotationX(t){let e=Math.cos(t),n=Math.sin(t);return this.set(1,0,0,0,0,e,-n,0,0,n,e,0,0,0,0,1),this}makeRotationY(t){let e=Math.cos(t),n=Math.sin(t);return this.set(e,0,n,0,0,1,0,0,-n,0,e,0,0,0,0,1),this}makeRotationZ(t){let e=Math.cos(t),n=Math.sin(t);return this.set(e,-n,0,0,n,e,0,0,0,0,1,0,0,0,0,1),this}makeRotationAxis(t,e){let n=Math.cos(e),s=Math.sin(e),r=1-n,a=t.x,o=t.y,c=t.z,l=r*a,u=r*o;return this.set(l*a+n,l*o-s*c,l*c+s*o,0,l*o+s*c,u*o+n,u*c-s*a,0,l*c-s*o,u*c+s*a,r*c*c+n,0,0,0,0,1),this}makeScale(t,e,n){return this.set(t,0,0,0,0,e,0,0,0,0,n,0,0,0,0,1),this}makeShear(t,e,n,s,r,a){return this.set(1,n,r,0,t,1,a,0,e,s,1,0,0,0,0,1),this}compose(t,e,n){let s=this.elements,r=e._x,a=e._y,o=e._z,c=e._w,l=r+r,u=a+a,h=o+o,d=r*l,m=r*u,g=r*h,v=a*u,f=a*h,p=o*h,y=c*l,M=c*u,b=c*h,w=n.x,E=n.y,x=n.z;return s[0]=(1-(v+p))*w,s[1]=(m+b)*w,s[2]=(g-M)*w,s[3]=0,s[4]=(m-b)*E,s[5]=(1-(d+p))*E,s[6]=(f+y)*E,s[7]=0,s[8]=(g+M)*x,s[9]=(f-y)*x,s[10]=(1-(d+v))*x,s[11]=0,s[12]=t.x,s[13]=t.y,s[14]=t.z,s[15]=1,this}decompose(t,e,n){let s=this.elements;t.x=s[12],t.y=s[13],t.z=s[14];let r=this.determinantAffine();if(r===0)return n.set(1,1,1),e.identity(),this;let a=gs.set(s[0],s[1],s[2]).length(),o=gs.set(s[4],s[5],s[6]).length(),c=gs.set(s[8],s[9],s[10]).length();r<0&&(a=-a),zn.copy(this);let l=1/a,u=1/o,h=1/c;return zn.elements[0]*=l,zn.elements[1]*=l,zn.elements[2]*=l,zn.elements[4]*=u,zn.elements[5]*=u,zn.elements[6]*=u,zn.elements[8]*=h,zn.elements[9]*=h,zn.elements[10]*=h,e.setFromRotationMatrix(zn),n.x=a,n.y=o,n.z=c,this}makePerspective(t,e,n,s,r,a,o=Cn,c=!1){let l=this.elements,u=2*r/(e-t),h=2*r/(n-s),d=(e+t)/(e-t),m=(n+s)/(n-s),g,v;if(c)g=r/(a-r),v=a*r/(a-r);else if(o===Cn)g=-(a+r)/(a-r),v=-2*a*r/(a-r);else if(o===Sr)g=-a/(a-r),v=-a*r/(a-r);else throw new Error("THREE.Matrix4.makePerspective(): Invalid coordinate system: "+o);return l[0]=u,l[4]=0,l[8]=d,l[12]=0,l[1]=0,l[5]=h,l[9]=m,l[13]=0,l[2]=0,l[6]=0,l[10]=g,l[14]=v,l[3]=0,l[7]=0,l[11]=-1,l[15]=0,this}makeOrthographic(t,e,n,s,r,a,o=Cn,c=!1){let l=this.elements,u=2/(e-t),h=2/(n-s),d=-(e+t)/(e-t),m=-(n+s)/(n-s),g,v;if(c)g=1/(a-r),v=a/(a-r);else if(o===Cn)g=-2/(a-r),v=-(a+r)/(a-r);else if(o===Sr)g=-1/(a-r),v=-r/(a-r);else throw new Error("THREE.Matrix4.makeOrthographic(): Invalid coordinate system: "+o);return l[0]=u,l[4]=0,l[8]=0,l[12]=d,l[1]=0,l[5]=h,l[9]=0,l[13]=m,l[2]=0,l[6]=0,l[10]=g,l[14]=v,l[3]=0,l[7]=0,l[11]=0,l[15]=1,this}equals(t){let e=this.elements,n=t.elements;for(let s=0;s<16;s++)if(e[s]!==n[s])return!1;return!0}fromArray(t,e=0){for(let n=0;n<16;n++)this.elements[n]=t[n+e];return this}toArray(t=[],e=0){let n=this.elements;return t[e]=n[0],t[e+1]=n[1],t[e+2]=n[2],t[e+3]=n[3],t[e+4]=n[4],t[e+5]=n[5],t[e+6]=n[6],t[e+7]=n[7],t[e+8]=n[8],t[e+9]=n[9],t[e+10]=n[10],t[e+11]=n[11],t[e+12]=n[12],t[e+13]=n[13],t[e+14]=n[14],t[e+15]=n[15],t}},gs=new C,zn=new ie,Lp=new C(0,0,0),Fp=new C(1,1,1),Ai=new C,xa=new C,fn=new C,Ih=new ie,Ph=new oe,In=class i{constructor(t=0,e=0,n=0,s=i.DEFAULT_ORDER){this.isEuler=!0,this._x=t,this._y=e,this._z=n,this._order=s}get x(){return this._x}set x(t){this._x=t,this._onChangeCallback()}get y(){return this._y}set y(t){this._y=t,this._onChangeCallback()}get z(){return this._z}set z(t){this._z=t,this._onChangeCallback()}get order(){return this._order}set order(t){this._order=t,this._onChangeCallback()}set(t,e,n,s=this._order){return this._x=t,this._y=e,this._z=n,this._order=s,this._onChangeCallback(),this}clone(){return new this.constructor(this._x,this._y,this._z,this._order)}copy(t){return this._x=t._x,this._y=t._y,this._z=t._z,this._order=t._order,this._onChangeCallback(),this}setFromRotationMatrix(t,e=this._order,n=!0){let s=t.elements,r=s[0],a=s[4],o=s[8],c=s[1],l=s[5],u=s[9],h=s[2],d=s[6],m=s[10];switch(e){case"XYZ":this._y=Math.asin(Zt(o,-1,1)),Math.abs(o)<.9999999?(this._x=Math.atan2(-u,m),this._z=Math.atan2(-a,r)):(this._x=Math.atan2(d,l),this._z=0);break;case"YXZ":this._x=Math.asin(-Zt(u,-1,1)),Math.abs(u)<.9999999?(this._y=Math.atan2(o,m),this._z=Math.atan2(c,l)):(this._y=Math.atan2(-h,r),this._z=0);break;case"ZXY":this._x=Math.asin(Zt(d,-1,1)),Math.abs(d)<.9999999?(this._y=Math.atan2(-h,m),this._z=Math.atan2(-a,l)):(this._y=0,this._z=Math.atan2(c,r));break;case"ZYX":this._y=Math.asin(-Zt(h,-1,1)),Math.abs(h)<.9999999?(this._x=Math.atan2(d,m),this._z=Math.atan2(c,r)):(this._x=0,this._z=Math.atan2(-a,l));break;case"YZX":this._z=Math.asin(Zt(c,-1,1)),Math.abs(c)<.9999999?(this._x=Math.atan2(-u,l),this._y=Math.atan2(-h,r)):(this._x=0,this._y=Math.atan2(o,m));break;case"XZY":this._z=Math.asin(-Zt(a,-1,1)),Math.abs(a)<.9999999?(this._x=Math.atan2(d,l),this._y=Math.atan2(o,r)):(this._x=Math.atan2(-u,m),this._y=0);break;default:Dt("Euler: .setFromRotationMatrix() encountered an unknown order: "+e)}return this._order=e,n===!0&&this._onChangeCallback(),this}setFromQuaternion(t,e,n){return Ih.makeRotationFromQuaternion(t),this.setFromRotationMatrix(Ih,e,n)}setFromVector3(t,e=this._order){return this.set(t.x,t.y,t.z,e)}reorder(t){return Ph.setFromEuler(this),this.setFromQuaternion(Ph,t)}equals(t){return t._x===this._x&&t._y===this._y&&t._z===this._z&&t._order===this._order}fromArray(t){return this._x=t[0],this._y=t[1],this._z=t[2],t[3]!==void 0&&(this._order=t[3]),this._onChangeCallback(),this}toArray(t=[],e=0){return t[e]=this._x,t[e+1]=this._y,t[e+2]=this._z,t[e+3]=this._order,t}_onChange(t){return this._onChangeCallback=t,this}_onChangeCallback(){}*[Symbol.iterator](){yield this._x,yield this._y,yield this._z,yield this._order}};In.DEFAULT_ORDER="XYZ";var Mr=class{constructor(){this.mask=1}set(t){this.mask=(1<<t|0)>>>0}enable(t){this.mask|=1<<t|0}enableAll(){this.mask=-1}toggle(t){this.mask^=1<<t|0}disable(t){this.mask&=~(1<<t|0)}disableAll(){this.mask=0}test(t){return(this.mask&t.mask)!==0}isEnabled(t){return(this.mask&(1<<t|0))!==0}},Np=0,Dh=new C,xs=new oe,li=new ie,ya=new C,pr=new C,Up=new C,Op=new oe,Lh=new C(1,0,0),Fh=new C(0,1,0),Nh=new C(0,0,1),Uh={type:"added"},zp={type:"removed"},ys={type:"childadded",child:null},Ul={type:"childremoved",child:null},je=class i extends Jn{constructor(){super(),this.isObject3D=!0,Object.defineProperty(this,"id",{value:Np++}),this.uuid=$r(),this.name="",this.type="Object3D",this.parent=null,this.children=[],this.up=i.DEFAULT_UP.clone();let t=new C,e=new In,n=new oe,s=new C(1,1,1);function r(){n.setFromEuler(e,!1)}function a(){e.setFromQuaternion(n,void 0,!1)}e._onChange(r),n._onChange(a),Object.defineProperties(this,{position:{configurable:!0,enumerable:!0,value:t},rotation:{configurable:!0,enumerable:!0,value:e},quaternion:{configurable:!0,enumerable:!0,value:n},scale:{configurable:!0,enumerable:!0,value:s},modelViewMatrix:{value:new ie},normalMatrix:{value:new It}}),this.matrix=new ie,this.matrixWorld=new ie,this.matrixAutoUpdate=i.DEFAULT_MATRIX_AUTO_UPDATE,this.matrixWorldAutoUpdate=i.DEFAULT_MATRIX_WORLD_AUTO_UPDATE,this.matrixWorldNeedsUpdate=!1,this.layers=new Mr,this.visible=!0,this.castShadow=!1,this.receiveShadow=!1,this.frustumCulled=!0,this.renderOrder=0,this.animations=[],this.customDepthMaterial=void 0,this.customDistanceMaterial=void 0,this.static=!1,this.userData={},this.pivot=null}onBeforeShadow(){}onAfterShadow(){}onBeforeRender(){}onAfterRender(){}applyMatrix4(t){this.matrixAutoUpdate&&this.updateMatrix(),this.matrix.premultiply(t),this.matrix.decompose(this.position,this.quaternion,this.scale),this.pivot!==null&&this.position.copy(this.pivot).applyMatrix4(this.matrix).sub(this.pivot)}applyQuaternion(t){return this.quaternion.premultiply(t),this}setRotationFromAxisAngle(t,e){this.quaternion.setFromAxisAngle(t,e)}setRotationFromEuler(t){this.quaternion.setFromEuler(t,!0)}setRotationFromMatrix(t){this.quaternion.setFromRotationMatrix(t)}setRotationFromQuaternion(t){this.quaternion.copy(t)}rotateOnAxis(t,e){return xs.setFromAxisAngle(t,e),this.quaternion.multiply(xs),this}rotateOnWorldAxis(t,e){return xs.setFromAxisAngle(t,e),this.quaternion.premultiply(xs),this}rotateX(t){return this.rotateOnAxis(Lh,t)}rotateY(t){return this.rotateOnAxis(Fh,t)}rotateZ(t){return this.rotateOnAxis(Nh,t)}translateOnAxis(t,e){return Dh.copy(t).applyQuaternion(this.quaternion),this.position.add(Dh.multiplyScalar(e)),this}translateX(t){return this.translateOnAxis(Lh,t)}translateY(t){return this.translateOnAxis(Fh,t)}translateZ(t){return this.translateOnAxis(Nh,t)}localToWorld(t){return this.updateWorldMatrix(!0,!1),t.applyMatrix4(this.matrixWorld)}worldToLocal(t){return this.updateWorldMatrix(!0,!1),t.applyMatrix4(li.copy(this.matrixWorld).invert())}lookAt(t,e,n){t.isVector3?ya.copy(t):ya.set(t,e,n);let s=this.parent;this.updateWorldMatrix(!0,!1),pr.setFromMatrixPosition(this.matrixWorld),this.isCamera||this.isLight?li.lookAt(pr,ya,this.up):li.lookAt(ya,pr,this.up),this.quaternion.setFromRotationMatrix(li),s&&(li.extractRotation(s.matrixWorld),xs.setFromRotationMatrix(li),this.quaternion.premultiply(xs.invert()))}add(t){if(arguments.length>1){for(let e=0;e<arguments.length;e++)this.add(arguments[e]);return this}return t===this?(Lt("Object3D.add: object can't be added as a child of itself.",t),this):(t&&t.isObject3D?(t.removeFromParent(),t.parent=this,this.children.push(t),t.dispatchEvent(Uh),ys.child=t,this.dispatchEvent(ys),ys.child=null):Lt("Object3D.add: object not an instance of THREE.Object3D.",t),this)}remove(t){if(arguments.length>1){for(let n=0;n<arguments.length;n++)this.remove(arguments[n]);return this}let e=this.children.indexOf(t);return e!==-1&&(t.parent=null,this.children.splice(e,1),t.dispatchEvent(zp),Ul.child=t,this.dispatchEvent(Ul),Ul.child=null),this}removeFromParent(){let t=this.parent;return t!==null&&t.remove(this),this}clear(){return this.remove(...this.children)}attach(t){return this.updateWorldMatrix(!0,!1),li.copy(this.matrixWorld).invert(),t.parent!==null&&(t.parent.updateWorldMatrix(!0,!1),li.multiply(t.parent.matrixWorld)),t.applyMatrix4(li),t.removeFromParent(),t.parent=this,this.children.push(t),t.updateWorldMatrix(!1,!0),t.dispatchEvent(Uh),ys.child=t,this.dispatchEvent(ys),ys.child=null,this}getObjectById(t){return this.getObjectByProperty("id",t)}getObjectByName(t){return this.getObjectByProperty("name",t)}getObjectByProperty(t,e){if(this[t]===e)return this;for(let n=0,s=this.children.length;n<s;n++){let a=this.children[n].getObjectByProperty(t,e);if(a!==void 0)return a}}getObjectsByProperty(t,e,n=[]){this[t]===e&&n.push(this);let s=this.children;for(let r=0,a=s.length;r<a;r++)s[r].getObjectsByProperty(t,e,n);return n}getWorldPosition(t){return this.updateWorldMatrix(!0,!1),t.setFromMatrixPosition(this.matrixWorld)}getWorldQuaternion(t){return this.updateWorldMatrix(!0,!1),this.matrixWorld.decompose(pr,t,Up),t}getWorldScale(t){return this.updateWorldMatrix(!0,!1),this.matrixWorld.decompose(pr,Op,t),t}getWorldDirection(t){this.updateWorldMatrix(!0,!1);let e=this.matrixWorld.elements;return t.set(e[8],e[9],e[10]).normalize()}raycast(){}intersectsFrustum(){return!0}traverse(t){t(this);let e=this.children;for(let n=0,s=e.length;n<s;n++)e[n].traverse(t)}traverseVisible(t){if(this.visible===!1)return;t(this);let e=this.children;for(let n=0,s=e.length;n<s;n++)e[n].traverseVisible(t)}traverseAncestors(t){let e=this.parent;e!==null&&(t(e),e.traverseAncestors(t))}updateMatrix(){this.matrix.compose(this.position,this.quaternion,this.scale);let t=this.pivot;if(t!==null){let e=t.x,n=t.y,s=t.z,r=this.matrix.elements;r[12]+=e-r[0]*e-r[4]*n-r[8]*s,r[13]+=n-r[1]*e-r[5]*n-r[9]*s,r[14]+=s-r[2]*e-r[6]*n-r[10]*s}this.matrixWorldNeedsUpdate=!0}updateMatrixWorld(t){this.matrixAutoUpdate&&this.updateMatrix(),(this.matrixWorldNeedsUpdate||t)&&(this.matrixWorldAutoUpdate===!0&&(this.parent===null?this.matrixWorld.copy(this.matrix):this.matrixWorld.multiplyMatrices(this.parent.matrixWorld,this.matrix)),this.matrixWorldNeedsUpdate=!1,t=!0);let e=this.children;for(let n=0,s=e.length;n<s;n++)e[n].updateMatrixWorld(t)}updateWorldMatrix(t,e,n=!1){let s=this.parent;if(t===!0&&s!==null&&s.updateWorldMatrix(!0,!1),this.matrixAutoUpdate&&this.updateMatrix(),(this.matrixWorldNeedsUpdate||n)&&(this.matrixWorldAutoUpdate===!0&&(this.parent===null?this.matrixWorld.copy(this.matrix):this.matrixWorld.multiplyMatrices(this.parent.matrixWorld,this.matrix)),this.matrixWorldNeedsUpdate=!1,n=!0),e===!0){let r=this.children;for(let a=0,o=r.length;a<o;a++)r[a].updateWorldMatrix(!1,!0,n)}}toJSON(t){let e=t===void 0||typeof t=="string",n={};e&&(t={geometries:{},materials:{},textures:{},images:{},shapes:{},skeletons:{},animations:{},nodes:{}},n.metadata={version:4.7,type:"Object",generator:"Object3D.toJSON"});let s={};s.uuid=this.uuid,s.type=this.type,s.name=this.name,s.castShadow=this.castShadow,s.receiveShadow=this.receiveShadow,s.visible=this.visible,s.frustumCulled=this.frustumCulled,s.renderOrder=this.renderOrder,s.static=this.static,s.matrixAutoUpdate=this.matrixAutoUpdate,Object.keys(this.userData).length>0&&(s.userData=this.userData),s.layers=this.layers.mask,s.matrix=this.matrix.toArray(),s.up=this.up.toArray(),this.pivot!==null&&(s.pivot=this.pivot.toArray()),this.morphTargetDictionary!==void 0&&(s.morphTargetDictionary=Object.assign({},this.morphTargetDictionary)),this.morphTargetInfluences!==void 0&&(s.morphTargetInfluences=this.morphTargetInfluences.slice()),this.isInstancedMesh&&(s.type="InstancedMesh",s.count=this.count,s.instanceMatrix=this.instanceMatrix.toJSON(),this.instanceColor!==null&&(s.instanceColor=this.instanceColor.toJSON())),this.isBatchedMesh&&(s.type="BatchedMesh",s.perObjectFrustumCulled=this.perObjectFrustumCulled,s.sortObjects=this.sortObjects,s.drawRanges=this._drawRanges,s.reservedRanges=this._reservedRanges,s.geometryInfo=this._geometryInfo.map(o=>({...o,boundingBox:o.boundingBox?o.boundingBox.toJSON():void 0,boundingSphere:o.boundingSphere?o.boundingSphere.toJSON():void 0})),s.instanceInfo=this._instanceInfo.map(o=>({...o})),s.availableInstanceIds=this._availableInstanceIds.slice(),s.availableGeometryIds=this._availableGeometryIds.slice(),s.nextIndexStart=this._nextIndexStart,s.nextVertexStart=this._nextVertexStart,s.geometryCount=this._geometryCount,s.maxInstanceCount=this._maxInstanceCount,s.maxVertexCount=this._maxVertexCount,s.maxIndexCount=this._maxIndexCount,s.geometryInitialized=this._geometryInitialized,s.matricesTexture=this._matricesTexture.toJSON(t),s.indirectTexture=this._indirectTexture.toJSON(t),this._colorsTexture!==null&&(s.colorsTexture=this._colorsTexture.toJSON(t)),this.boundingSphere!==null&&(s.boundingSphere=this.boundingSphere.toJSON()),this.boundingBox!==null&&(s.boundingBox=this.boundingBox.toJSON()));function r(o,c){return o[c.uuid]===void 0&&(o[c.uuid]=c.toJSON(t)),c.uuid}if(this.isScene)this.background&&(this.background.isColor?s.background=this.background.toJSON():this.background.isTexture&&(s.background=this.background.toJSON(t).uuid)),this.environment&&this.environment.isTexture&&this.environment.isRenderTargetTexture!==!0&&(s.environment=this.environment.toJSON(t).uuid);else if(this.isMesh||this.isLine||this.isPoints){s.geometry=r(t.geometries,this.geometry);let o=this.geometry.parameters;if(o!==void 0&&o.shapes!==void 0){let c=o.shapes;if(Array.isArray(c))for(let l=0,u=c.length;l<u;l++){let h=c[l];r(t.shapes,h)}else r(t.shapes,c)}}if(this.isSkinnedMesh&&(s.bindMode=this.bindMode,s.bindMatrix=this.bindMatrix.toArray(),this.skeleton!==void 0&&(r(t.skeletons,this.skeleton),s.skeleton=this.skeleton.uuid)),this.material!==void 0)if(Array.isArray(this.material)){let o=[];for(let c=0,l=this.material.length;c<l;c++)o.push(r(t.materials,this.material[c]));s.material=o}else s.material=r(t.materials,this.material);if(this.children.length>0){s.children=[];for(let o=0;o<this.children.length;o++)s.children.push(this.children[o].toJSON(t).object)}if(this.animations.length>0){s.animations=[];for(let o=0;o<this.animations.length;o++){let c=this.animations[o];s.animations.push(r(t.animations,c))}}if(e){let o=a(t.geometries),c=a(t.materials),l=a(t.textures),u=a(t.images),h=a(t.shapes),d=a(t.skeletons),m=a(t.animations),g=a(t.nodes);o.length>0&&(n.geometries=o),c.length>0&&(n.materials=c),l.length>0&&(n.textures=l),u.length>0&&(n.images=u),h.length>0&&(n.shapes=h),d.length>0&&(n.skeletons=d),m.length>0&&(n.animations=m),g.length>0&&(n.nodes=g)}return n.object=s,n;function a(o){let c=[];for(let l in o){let u=o[l];delete u.metadata,c.push(u)}return c}}clone(t){return new this.constructor().copy(this,t)}copy(t,e=!0){if(this.name=t.name,this.up.copy(t.up),this.position.copy(t.position),this.rotation.order=t.rotation.order,this.quaternion.copy(t.quaternion),this.scale.copy(t.scale),this.pivot=t.pivot!==null?t.pivot.clone():null,this.matrix.copy(t.matrix),this.matrixWorld.copy(t.matrixWorld),this.matrixAutoUpdate=t.matrixAutoUpdate,this.matrixWorldAutoUpdate=t.matrixWorldAutoUpdate,this.matrixWorldNeedsUpdate=t.matrixWorldNeedsUpdate,this.layers.mask=t.layers.mask,this.visible=t.visible,this.castShadow=t.castShadow,this.receiveShadow=t.receiveShadow,this.frustumCulled=t.frustumCulled,this.renderOrder=t.renderOrder,this.static=t.static,this.animations=t.animations.slice(),this.userData=JSON.parse(JSON.stringify(t.userData)),e===!0)for(let n=0;n<t.children.length;n++){let s=t.children[n];this.add(s.clone())}return this}dispose(){this.dispatchEvent({type:"dispose"})}};je.DEFAULT_UP=new C(0,1,0);je.DEFAULT_MATRIX_AUTO_UPDATE=!0;je.DEFAULT_MATRIX_WORLD_AUTO_UPDATE=!0;var Ji=class extends je{constructor(){super(),this.isGroup=!0,this.type="Group"}},Bp={type:"move"},Ds=class{constructor(){this._targetRay=null,this._grip=null,this._hand=null}getHandSpace(){return this._hand===null&&(this._hand=new Ji,this._hand.matrixAutoUpdate=!1,this._hand.visible=!1,this._hand.joints={},this._hand.inputState={pinching:!1}),this._hand}getTargetRaySpace(){return this._targetRay===null&&(this._targetRay=new Ji,this._targetRay.matrixAutoUpdate=!1,this._targetRay.visible=!1,this._targetRay.hasLinearVelocity=!1,this._targetRay.linearVelocity=new C,this._targetRay.hasAngularVelocity=!1,this._targetRay.angularVelocity=new C),this._targetRay}getGripSpace(){return this._grip===null&&(this._grip=new Ji,this._grip.matrixAutoUpdate=!1,this._grip.visible=!1,this._grip.hasLinearVelocity=!1,this._grip.linearVelocity=new C,this._grip.hasAngularVelocity=!1,this._grip.angularVelocity=new C,this._grip.eventsEnabled=!1),this._grip}dispatchEvent(t){return this._targetRay!==null&&this._targetRay.dispatchEvent(t),this._grip!==null&&this._grip.dispatchEvent(t),this._hand!==null&&this._hand.dispatchEvent(t),this}connect(t){if(t&&t.hand){let e=this._hand;if(e)for(let n of t.hand.values())this._getHandJoint(e,n)}return this.dispatchEvent({type:"connected",data:t}),this}disconnect(t){return this.dispatchEvent({type:"disconnected",data:t}),this._targetRay!==null&&(this._targetRay.visible=!1),this._grip!==null&&(this._grip.visible=!1),this._hand!==null&&(this._hand.visible=!1),this}update(t,e,n){let s=null,r=null,a=null,o=this._targetRay,c=this._grip,l=this._hand;if(t&&e.session.visibilityState!=="visible-blurred"){if(l&&t.hand){a=!0;for(let v of t.hand.values()){let f=e.getJointPose(v,n),p=this._getHandJoint(l,v);f!==null&&(p.matrix.fromArray(f.transform.matrix),p.matrix.decompose(p.position,p.quaternion,p.scale),p.matrixWorldNeedsUpdate=!0,p.jointRadius=f.radius),p.visible=f!==null}let u=l.joints["index-finger-tip"],h=l.joints["thumb-tip"],d=u.position.distanceTo(h.position),m=.02,g=.005;l.inputState.pinching&&d>m+g?(l.inputState.pinching=!1,this.dispatchEvent({type:"pinchend",handedness:t.handedness,target:this})):!l.inputState.pinching&&d<=m-g&&(l.inputState.pinching=!0,this.dispatchEvent({type:"pinchstart",handedness:t.handedness,target:this}))}else c!==null&&t.gripSpace&&(r=e.getPose(t.gripSpace,n),r!==null&&(c.matrix.fromArray(r.transform.matrix),c.matrix.decompose(c.position,c.quaternion,c.scale),c.matrixWorldNeedsUpdate=!0,r.linearVelocity?(c.hasLinearVelocity=!0,c.linearVelocity.copy(r.linearVelocity)):c.hasLinearVelocity=!1,r.angularVelocity?(c.hasAngularVelocity=!0,c.angularVelocity.copy(r.angularVelocity)):c.hasAngularVelocity=!1,c.eventsEnabled&&c.dispatchEvent({type:"gripUpdated",data:t,target:this})));o!==null&&(s=e.getPose(t.targetRaySpace,n),s===null&&r!==null&&(s=r),s!==null&&(o.matrix.fromArray(s.transform.matrix),o.matrix.decompose(o.position,o.quaternion,o.scale),o.matrixWorldNeedsUpdate=!0,s.linearVelocity?(o.hasLinearVelocity=!0,o.linearVelocity.copy(s.linearVelocity)):o.hasLinearVelocity=!1,s.angularVelocity?(o.hasAngularVelocity=!0,o.angularVelocity.copy(s.angularVelocity)):o.hasAngularVelocity=!1,this.dispatchEvent(Bp)))}return o!==null&&(o.visible=s!==null),c!==null&&(c.visible=r!==null),l!==null&&(l.visible=a!==null),this}_getHandJoint(t,e){if(t.joints[e.jointName]===void 0){let n=new Ji;n.matrixAutoUpdate=!1,n.visible=!1,t.joints[e.jointName]=n,t.add(n)}return t.joints[e.jointName]}},Dd={aliceblue:15792383,antiquewhite:16444375,aqua:65535,aquamarine:8388564,azure:15794175,beige:16119260,bisque:16770244,black:0,blanchedalmond:16772045,blue:255,blueviolet:9055202,brown:10824234,burlywood:14596231,cadetblue:6266528,chartreuse:8388352,chocolate:13789470,coral:16744272,cornflowerblue:6591981,cornsilk:16775388,crimson:14423100,cyan:65535,darkblue:139,darkcyan:35723,darkgoldenrod:12092939,darkgray:11119017,darkgreen:25600,darkgrey:11119017,darkkhaki:12433259,darkmagenta:9109643,darkolivegreen:5597999,darkorange:16747520,darkorchid:10040012,darkred:9109504,darksalmon:15308410,darkseagreen:9419919,darkslateblue:4734347,darkslategray:3100495,darkslategrey:3100495,darkturquoise:52945,darkviolet:9699539,deeppink:16716947,deepskyblue:49151,dimgray:6908265,dimgrey:6908265,dodgerblue:2003199,firebrick:11674146,floralwhite:16775920,forestgreen:2263842,fuchsia:16711935,gainsboro:14474460,ghostwhite:16316671,gold:16766720,goldenrod:14329120,gray:8421504,green:32768,greenyellow:11403055,grey:8421504,honeydew:15794160,hotpink:16738740,indianred:13458524,indigo:4915330,ivory:16777200,khaki:15787660,lavender:15132410,lavenderblush:16773365,lawngreen:8190976,lemonchiffon:16775885,lightblue:11393254,lightcoral:15761536,lightcyan:14745599,lightgoldenrodyellow:16448210,lightgray:13882323,lightgreen:9498256,lightgrey:13882323,lightpink:16758465,lightsalmon:16752762,lightseagreen:2142890,lightskyblue:8900346,lightslategray:7833753,lightslategrey:7833753,lightsteelblue:11584734,lightyellow:16777184,lime:65280,limegreen:3329330,linen:16445670,magenta:16711935,maroon:8388608,mediumaquamarine:6737322,mediumblue:205,mediumorchid:12211667,mediumpurple:9662683,mediumseagreen:3978097,mediumslateblue:8087790,mediumspringgreen:64154,mediumturquoise:4772300,mediumvioletred:13047173,midnightblue:1644912,mintcream:16121850,mistyrose:16770273,moccasin:16770229,navajowhite:16768685,navy:128,oldlace:16643558,olive:8421376,olivedrab:7048739,orange:16753920,orangered:16729344,orchid:14315734,palegoldenrod:15657130,palegreen:10025880,paleturquoise:11529966,palevioletred:14381203,papayawhip:16773077,peachpuff:16767673,peru:13468991,pink:16761035,plum:14524637,powderblue:11591910,purple:8388736,rebeccapurple:6697881,red:16711680,rosybrown:12357519,royalblue:4286945,saddlebrown:9127187,salmon:16416882,sandybrown:16032864,seagreen:3050327,seashell:16774638,sienna:10506797,silver:12632256,skyblue:8900331,slateblue:6970061,slategray:7372944,slategrey:7372944,snow:16775930,springgreen:65407,steelblue:4620980,tan:13808780,teal:32896,thistle:14204888,tomato:16737095,turquoise:4251856,violet:15631086,wheat:16113331,white:16777215,whitesmoke:16119285,yellow:16776960,yellowgreen:10145074},Ri={h:0,s:0,l:0},va={h:0,s:0,l:0};function Ol(i,t,e){return e<0&&(e+=1),e>1&&(e-=1),e<1/6?i+(t-i)*6*e:e<1/2?t:e<2/3?i+(t-i)*6*(2/3-e):i}var Ot=class{constructor(t,e,n){return this.isColor=!0,this.r=1,this.g=1,this.b=1,this.set(t,e,n)}set(t,e,n){if(e===void 0&&n===void 0){let s=t;s&&s.isColor?this.copy(s):typeof s=="number"?this.setHex(s):typeof s=="string"&&this.setStyle(s)}else this.setRGB(t,e,n);return this}setScalar(t){return this.r=t,this.g=t,this.b=t,this}setHex(t,e=We){return t=Math.floor(t),this.r=(t>>16&255)/255,this.g=(t>>8&255)/255,this.b=(t&255)/255,qt.colorSpaceToWorking(this,e),this}setRGB(t,e,n,s=qt.workingColorSpace){return this.r=t,this.g=e,this.b=n,qt.colorSpaceToWorking(this,s),this}setHSL(t,e,n,s=qt.workingColorSpace){if(t=Ap(t,1),e=Zt(e,0,1),n=Zt(n,0,1),e===0)this.r=this.g=this.b=n;else{let r=n<=.5?n*(1+e):n+e-n*e,a=2*n-r;this.r=Ol(a,r,t+1/3),this.g=Ol(a,r,t),this.b=Ol(a,r,t-1/3)}return qt.colorSpaceToWorking(this,s),this}setStyle(t,e=We){function n(r){r!==void 0&&parseFloat(r)<1&&Dt("Color: Alpha component of "+t+" will be ignored.")}let s;if(s=/^(\w+)\(([^\)]*)\)/.exec(t)){let r,a=s[1],o=s[2];switch(a){case"rgb":case"rgba":if(r=/^\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*(\d+(?:\.\d+)?|\.\d+)\s*)?$/.exec(o))return n(r[4]),this.setRGB(Math.min(255,parseInt(r[1],10))/255,Math.min(255,parseInt(r[2],10))/255,Math.min(255,parseInt(r[3],10))/255,e);if(r=/^\s*(\d+(?:\.\d+)?|\.\d+)\%\s*,\s*(\d+(?:\.\d+)?|\.\d+)\%\s*,\s*(\d+(?:\.\d+)?|\.\d+)\%\s*(?:,\s*(\d+(?:\.\d+)?|\.\d+)\s*)?$/.exec(o))return n(r[4]),this.setRGB(Math.min(100,parseFloat(r[1]))/100,Math.min(100,parseFloat(r[2]))/100,Math.min(100,parseFloat(r[3]))/100,e);break;case"hsl":case"hsla":if(r=/^\s*([+-]?(?:\d+(?:\.\d+)?|\.\d+))\s*,\s*(\d+(?:\.\d+)?|\.\d+)\%\s*,\s*(\d+(?:\.\d+)?|\.\d+)\%\s*(?:,\s*(\d+(?:\.\d+)?|\.\d+)\s*)?$/.exec(o))return n(r[4]),this.setHSL(parseFloat(r[1])/360,parseFloat(r[2])/100,parseFloat(r[3])/100,e);break;default:Dt("Color: Unknown color model "+t)}}else if(s=/^\#([A-Fa-f\d]+)$/.exec(t)){let r=s[1],a=r.length;if(a===3)return this.setRGB(parseInt(r.charAt(0),16)/15,parseInt(r.charAt(1),16)/15,parseInt(r.charAt(2),16)/15,e);if(a===6)return this.setHex(parseInt(r,16),e);Dt("Color: Invalid hex color "+t)}else if(t&&t.length>0)return this.setColorName(t,e);return this}setColorName(t,e=We){let n=Dd[t.toLowerCase()];return n!==void 0?this.setHex(n,e):Dt("Color: Unknown color "+t),this}clone(){return new this.constructor(this.r,this.g,this.b)}copy(t){return this.r=t.r,this.g=t.g,this.b=t.b,this}copySRGBToLinear(t){return this.r=pi(t.r),this.g=pi(t.g),this.b=pi(t.b),this}copyLinearToSRGB(t){return this.r=Rs(t.r),this.g=Rs(t.g),this.b=Rs(t.b),this}convertSRGBToLinear(){return this.copySRGBToLinear(this),this}convertLinearToSRGB(){return this.copyLinearToSRGB(this),this}getHex(t=We){return qt.workingToColorSpace(Je.copy(this),t),Math.round(Zt(Je.r*255,0,255))*65536+Math.round(Zt(Je.g*255,0,255))*256+Math.round(Zt(Je.b*255,0,255))}getHexString(t=We){return("000000"+this.getHex(t).toString(16)).slice(-6)}getHSL(t,e=qt.workingColorSpace){qt.workingToColorSpace(Je.copy(this),e);let n=Je.r,s=Je.g,r=Je.b,a=Math.max(n,s,r),o=Math.min(n,s,r),c,l,u=(o+a)/2;if(o===a)c=0,l=0;else{let h=a-o;switch(l=u<=.5?h/(a+o):h/(2-a-o),a){case n:c=(s-r)/h+(s<r?6:0);break;case s:c=(r-n)/h+2;break;case r:c=(n-s)/h+4;break}c/=6}return t.h=c,t.s=l,t.l=u,t}getRGB(t,e=qt.workingColorSpace){return qt.workingToColorSpace(Je.copy(this),e),t.r=Je.r,t.g=Je.g,t.b=Je.b,t}getStyle(t=We){qt.workingToColorSpace(Je.copy(this),t);let e=Je.r,n=Je.g,s=Je.b;return t!==We?`color(${t} ${e.toFixed(3)} ${n.toFixed(3)} ${s.toFixed(3)})`:`rgb(${Math.round(e*255)},${Math.round(n*255)},${Math.round(s*255)})`}offsetHSL(t,e,n){return this.getHSL(Ri),this.setHSL(Ri.h+t,Ri.s+e,Ri.l+n)}add(t){return this.r+=t.r,this.g+=t.g,this.b+=t.b,this}addColors(t,e){return this.r=t.r+e.r,this.g=t.g+e.g,this.b=t.b+e.b,this}addScalar(t){return this.r+=t,this.g+=t,this.b+=t,this}sub(t){return this.r=Math.max(0,this.r-t.r),this.g=Math.max(0,this.g-t.g),this.b=Math.max(0,this.b-t.b),this}multiply(t){return this.r*=t.r,this.g*=t.g,this.b*=t.b,this}multiplyScalar(t){return this.r*=t,this.g*=t,this.b*=t,this}lerp(t,e){return this.r+=(t.r-this.r)*e,this.g+=(t.g-this.g)*e,this.b+=(t.b-this.b)*e,this}lerpColors(t,e,n){return this.r=t.r+(e.r-t.r)*n,this.g=t.g+(e.g-t.g)*n,this.b=t.b+(e.b-t.b)*n,this}lerpHSL(t,e){this.getHSL(Ri),t.getHSL(va);let n=Pl(Ri.h,va.h,e),s=Pl(Ri.s,va.s,e),r=Pl(Ri.l,va.l,e);return this.setHSL(n,s,r),this}setFromVector3(t){return this.r=t.x,this.g=t.y,this.b=t.z,this}applyMatrix3(t){let e=this.r,n=this.g,s=this.b,r=t.elements;return this.r=r[0]*e+r[3]*n+r[6]*s,this.g=r[1]*e+r[4]*n+r[7]*s,this.b=r[2]*e+r[5]*n+r[8]*s,this}equals(t){return t.r===this.r&&t.g===this.g&&t.b===this.b}fromArray(t,e=0){return this.r=t[e],this.g=t[e+1],this.b=t[e+2],this}toArray(t=[],e=0){return t[e]=this.r,t[e+1]=this.g,t[e+2]=this.b,t}fromBufferAttribute(t,e){return this.r=t.getX(e),this.g=t.getY(e),this.b=t.getZ(e),this}toJSON(){return this.getHex()}*[Symbol.iterator](){yield this.r,yield this.g,yield this.b}},Je=new Ot;Ot.NAMES=Dd;var wr=class extends je{constructor(){super(),this.isScene=!0,this.type="Scene",this.background=null,this.environment=null,this.fog=null,this.backgroundBlurriness=0,this.backgroundIntensity=1,this.backgroundRotation=new In,this.environmentIntensity=1,this.environmentRotation=new In,this.overrideMaterial=null,typeof __THREE_DEVTOOLS__<"u"&&__THREE_DEVTOOLS__.dispatchEvent(new CustomEvent("observe",{detail:this}))}copy(t,e){return super.copy(t,e),this.background=t.background!==null?t.background.clone():null,this.environment=t.environment!==null?t.environment.clone():null,this.fog=t.fog!==null?t.fog.clone():null,this.backgroundBlurriness=t.backgroundBlurriness,this.backgroundIntensity=t.backgroundIntensity,this.backgroundRotation.copy(t.backgroundRotation),this.environmentIntensity=t.environmentIntensity,this.environmentRotation.copy(t.environmentRotation),this.overrideMaterial=t.overrideMaterial!==null?t.overrideMaterial.clone():null,this.matrixAutoUpdate=t.matrixAutoUpdate,this}toJSON(t){let e=super.toJSON(t);return this.fog!==null&&(e.object.fog=this.fog.toJSON()),e.object.backgroundBlurriness=this.backgroundBlurriness,e.object.backgroundIntensity=this.backgroundIntensity,e.object.backgroundRotation=this.backgroundRotation.toArray(),e.object.environmentIntensity=this.environmentIntensity,e.object.environmentRotation=this.environmentRotation.toArray(),e}},Bn=new C,ci=new C,zl=new C,ui=new C,vs=new C,_s=new C,Oh=new C,Bl=new C,kl=new C,Hl=new C,Vl=new Qt,Gl=new Qt,$l=new Qt,Di=class i{constructor(t=new C,e=new C,n=new C){this.a=t,this.b=e,this.c=n}static getNormal(t,e,n,s){s.subVectors(n,e),Bn.subVectors(t,e),s.cross(Bn);let r=s.lengthSq();return r>0?s.multiplyScalar(1/Math.sqrt(r)):s.set(0,0,0)}static getBarycoord(t,e,n,s,r){Bn.subVectors(s,e),ci.subVectors(n,e),zl.subVectors(t,e);let a=Bn.dot(Bn),o=Bn.dot(ci),c=Bn.dot(zl),l=ci.dot(ci),u=ci.dot(zl),h=a*l-o*o;if(h===0)return r.set(0,0,0),null;let d=1/h,m=(l*c-o*u)*d,g=(a*u-o*c)*d;return r.set(1-m-g,g,m)}static containsPoint(t,e,n,s){return this.getBarycoord(t,e,n,s,ui)===null?!1:ui.x>=0&&ui.y>=0&&ui.x+ui.y<=1}static getInterpolation(t,e,n,s,r,a,o,c){return this.getBarycoord(t,e,n,s,ui)===null?(c.x=0,c.y=0,"z"in c&&(c.z=0),"w"in c&&(c.w=0),null):(c.setScalar(0),c.addScaledVector(r,ui.x),c.addScaledVector(a,ui.y),c.addScaledVector(o,ui.z),c)}static getInterpolatedAttribute(t,e,n,s,r,a){return Vl.setScalar(0),Gl.setScalar(0),$l.setScalar(0),Vl.fromBufferAttribute(t,e),Gl.fromBufferAttribute(t,n),$l.fromBufferAttribute(t,s),a.setScalar(0),a.addScaledVector(Vl,r.x),a.addScaledVector(Gl,r.y),a.addScaledVector($l,r.z),a}static isFrontFacing(t,e,n,s){return Bn.subVectors(n,e),ci.subVectors(t,e),Bn.cross(ci).dot(s)<0}set(t,e,n){return this.a.copy(t),this.b.copy(e),this.c.copy(n),this}setFromPointsAndIndices(t,e,n,s){return this.a.copy(t[e]),this.b.copy(t[n]),this.c.copy(t[s]),this}setFromAttributeAndIndices(t,e,n,s){return this.a.fromBufferAttribute(t,e),this.b.fromBufferAttribute(t,n),this.c.fromBufferAttribute(t,s),this}clone(){return new this.constructor().copy(this)}copy(t){return this.a.copy(t.a),this.b.copy(t.b),this.c.copy(t.c),this}getArea(){return Bn.subVectors(this.c,this.b),ci.subVectors(this.a,this.b),Bn.cross(ci).length()*.5}getMidpoint(t){return t.addVectors(this.a,this.b).add(this.c).multiplyScalar(1/3)}getNormal(t){return i.getNormal(this.a,this.b,this.c,t)}getPlane(t){return t.setFromCoplanarPoints(this.a,this.b,this.c)}getBarycoord(t,e){return i.getBarycoord(t,this.a,this.b,this.c,e)}getInterpolation(t,e,n,s,r){return i.getInterpolation(t,this.a,this.b,this.c,e,n,s,r)}containsPoint(t){return i.containsPoint(t,this.a,this.b,this.c)}isFrontFacing(t){return i.isFrontFacing(this.a,this.b,this.c,t)}intersectsBox(t){return t.intersectsTriangle(this)}closestPointToPoint(t,e){let n=this.a,s=this.b,r=this.c,a,o;vs.subVectors(s,n),_s.subVectors(r,n),Bl.subVectors(t,n);let c=vs.dot(Bl),l=_s.dot(Bl);if(c<=0&&l<=0)return e.copy(n);kl.subVectors(t,s);let u=vs.dot(kl),h=_s.dot(kl);if(u>=0&&h<=u)return e.copy(s);let d=c*h-u*l;if(d<=0&&c>=0&&u<=0&&c-u>0)return a=c/(c-u),e.copy(n).addScaledVector(vs,a);Hl.subVectors(t,r);let m=vs.dot(Hl),g=_s.dot(Hl);if(g>=0&&m<=g)return e.copy(r);let v=m*l-c*g;if(v<=0&&l>=0&&g<=0)return o=l/(l-g),e.copy(n).addScaledVector(_s,o);let f=u*g-m*h;if(f<=0&&h-u>=0&&m-g>=0)return Oh.subVectors(r,s),o=(h-u)/(h-u+(m-g)),e.copy(s).addScaledVector(Oh,o);let p=1/(f+v+d);return a=v*p,o=d*p,e.copy(n).addScaledVector(vs,a).addScaledVector(_s,o)}equals(t){return t.a.equals(this.a)&&t.b.equals(this.b)&&t.c.equals(this.c)}},un=class{constructor(t=new C(1/0,1/0,1/0),e=new C(-1/0,-1/0,-1/0)){this.isBox3=!0,this.min=t,this.max=e}set(t,e){return this.min.copy(t),this.max.copy(e),this}setFromArray(t){this.makeEmpty();for(let e=0,n=t.length;e<n;e+=3)this.expandByPoint(kn.fromArray(t,e));return this}setFromBufferAttribute(t){this.makeEmpty();for(let e=0,n=t.count;e<n;e++)this.expandByPoint(kn.fromBufferAttribute(t,e));return this}setFromPoints(t){this.makeEmpty();for(let e=0,n=t.length;e<n;e++)this.expandByPoint(t[e]);return this}setFromCenterAndSize(t,e){let n=kn.copy(e).multiplyScalar(.5);return this.min.copy(t).sub(n),this.max.copy(t).add(n),this}setFromObject(t,e=!1){return this.makeEmpty(),this.expandByObject(t,e)}clone(){return new this.constructor().copy(this)}copy(t){return this.min.copy(t.min),this.max.copy(t.max),this}makeEmpty(){return this.min.x=this.min.y=this.min.z=1/0,this.max.x=this.max.y=this.max.z=-1/0,this}isEmpty(){return this.max.x<this.min.x||this.max.y<this.min.y||this.max.z<this.min.z}getCenter(t){return this.isEmpty()?t.set(0,0,0):t.addVectors(this.min,this.max).multiplyScalar(.5)}getSize(t){return this.isEmpty()?t.set(0,0,0):t.subVectors(this.max,this.min)}expandByPoint(t){return this.min.min(t),this.max.max(t),this}expandByVector(t){return this.min.sub(t),this.max.add(t),this}expandByScalar(t){return this.min.addScalar(-t),this.max.addScalar(t),this}expandByObject(t,e=!1){t.updateWorldMatrix(!1,!1);let n=t.geometry;if(n!==void 0){let r=n.getAttribute("position");if(e===!0&&r!==void 0&&t.isInstancedMesh!==!0&&t.isBatchedMesh!==!0)for(let a=0,o=r.count;a<o;a++)t.isMesh===!0?t.getVertexPosition(a,kn):kn.fromBufferAttribute(r,a),kn.applyMatrix4(t.matrixWorld),this.expandByPoint(kn);else t.boundingBox!==void 0?(t.boundingBox===null&&t.computeBoundingBox(),_a.copy(t.boundingBox)):(n.boundingBox===null&&n.computeBoundingBox(),_a.copy(n.boundingBox)),_a.applyMatrix4(t.matrixWorld),this.union(_a)}let s=t.children;for(let r=0,a=s.length;r<a;r++)this.expandByObject(s[r],e);return this}containsPoint(t){return t.x>=this.min.x&&t.x<=this.max.x&&t.y>=this.min.y&&t.y<=this.max.y&&t.z>=this.min.z&&t.z<=this.max.z}containsBox(t){return this.min.x<=t.min.x&&t.max.x<=this.max.x&&this.min.y<=t.min.y&&t.max.y<=this.max.y&&this.min.z<=t.min.z&&t.max.z<=this.max.z}getParameter(t,e){return e.set((t.x-this.min.x)/(this.max.x-this.min.x),(t.y-this.min.y)/(this.max.y-this.min.y),(t.z-this.min.z)/(this.max.z-this.min.z))}intersectsBox(t){return t.max.x>=this.min.x&&t.min.x<=this.max.x&&t.max.y>=this.min.y&&t.min.y<=this.max.y&&t.max.z>=this.min.z&&t.min.z<=this.max.z}intersectsSphere(t){return this.clampPoint(t.center,kn),kn.distanceToSquared(t.center)<=t.radius*t.radius}intersectsPlane(t){let e,n;return t.normal.x>0?(e=t.normal.x*this.min.x,n=t.normal.x*this.max.x):(e=t.normal.x*this.max.x,n=t.normal.x*this.min.x),t.normal.y>0?(e+=t.normal.y*this.min.y,n+=t.normal.y*this.max.y):(e+=t.normal.y*this.max.y,n+=t.normal.y*this.min.y),t.normal.z>0?(e+=t.normal.z*this.min.z,n+=t.normal.z*this.max.z):(e+=t.normal.z*this.max.z,n+=t.normal.z*this.min.z),e<=-t.constant&&n>=-t.constant}intersectsTriangle(t){if(this.isEmpty())return!1;this.getCenter(mr),Sa.subVectors(this.max,mr),Ss.subVectors(t.a,mr),bs.subVectors(t.b,mr),Ms.subVectors(t.c,mr),Ci.subVectors(bs,Ss),Ii.subVectors(Ms,bs),Yi.subVectors(Ss,Ms);let e=[0,-Ci.z,Ci.y,0,-Ii.z,Ii.y,0,-Yi.z,Yi.y,Ci.z,0,-Ci.x,Ii.z,0,-Ii.x,Yi.z,0,-Yi.x,-Ci.y,Ci.x,0,-Ii.y,Ii.x,0,-Yi.y,Yi.x,0];return!Wl(e,Ss,bs,Ms,Sa)||(e=[1,0,0,0,1,0,0,0,1],!Wl(e,Ss,bs,Ms,Sa))?!1:(ba.crossVectors(Ci,Ii),e=[ba.x,ba.y,ba.z],Wl(e,Ss,bs,Ms,Sa))}clampPoint(t,e){return e.copy(t).clamp(this.min,this.max)}distanceToPoint(t){return this.clampPoint(t,kn).distanceTo(t)}getBoundingSphere(t){return this.isEmpty()?t.makeEmpty():(this.getCenter(t.center),t.radius=this.getSize(kn).length()*.5),t}intersect(t){return this.min.max(t.min),this.max.min(t.max),this.isEmpty()&&this.makeEmpty(),this}union(t){return this.min.min(t.min),this.max.max(t.max),this}applyMatrix4(t){return this.isEmpty()?this:(hi[0].set(this.min.x,this.min.y,this.min.z).applyMatrix4(t),hi[1].set(this.min.x,this.min.y,this.max.z).applyMatrix4(t),hi[2].set(this.min.x,this.max.y,this.min.z).applyMatrix4(t),hi[3].set(this.min.x,this.max.y,this.max.z).applyMatrix4(t),hi[4].set(this.max.x,this.min.y,this.min.z).applyMatrix4(t),hi[5].set(this.max.x,this.min.y,this.max.z).applyMatrix4(t),hi[6].set(this.max.x,this.max.y,this.min.z).applyMatrix4(t),hi[7].set(this.max.x,this.max.y,this.max.z).applyMatrix4(t),this.setFromPoints(hi),this)}translate(t){return this.min.add(t),this.max.add(t),this}equals(t){return t.min.equals(this.min)&&t.max.equals(this.max)}toJSON(){return{min:this.min.toArray(),max:this.max.toArray()}}fromJSON(t){return this.min.fromArray(t.min),this.max.fromArray(t.max),this}},hi=[new C,new C,new C,new C,new C,new C,new C,new C],kn=new C,_a=new un,Ss=new C,bs=new C,Ms=new C,Ci=new C,Ii=new C,Yi=new C,mr=new C,Sa=new C,ba=new C,Ki=new C;function Wl(i,t,e,n,s){for(let r=0,a=i.length-3;r<=a;r+=3){Ki.fromArray(i,r);let o=s.x*Math.abs(Ki.x)+s.y*Math.abs(Ki.y)+s.z*Math.abs(Ki.z),c=t.dot(Ki),l=e.dot(Ki),u=n.dot(Ki);if(Math.max(-Math.max(c,l,u),Math.min(c,l,u))>o)return!1}return!0}var Ee=new C,Ma=new Wt,kp=0,mn=class extends Jn{constructor(t,e,n=!1){if(super(),Array.isArray(t))throw new TypeError("THREE.BufferAttribute: array should be a Typed Array.");this.isBufferAttribute=!0,Object.defineProperty(this,"id",{value:kp++}),this.name="",this.array=t,this.itemSize=e,this.count=t!==void 0?t.length/e:0,this.normalized=n,this.usage=Ed,this.updateRanges=[],this.gpuType=yn,this.version=0,this._normalizationScale=t!==void 0?Pc(t):void 0}onUploadCallback(){}set needsUpdate(t){t===!0&&this.version++}setUsage(t){return this.usage=t,this}addUpdateRange(t,e){this.updateRanges.push({start:t,count:e})}clearUpdateRanges(){this.updateRanges.length=0}copy(t){return this.name=t.name,this.array=new t.array.constructor(t.array),this.itemSize=t.itemSize,this.count=t.count,this.normalized=t.normalized,this.usage=t.usage,this.gpuType=t.gpuType,this._normalizationScale=t._normalizationScale,this}copyAt(t,e,n){t*=this.itemSize,n*=e.itemSize;for(let s=0,r=this.itemSize;s<r;s++)this.array[t+s]=e.array[n+s];return this}copyArray(t){return this.array.set(t),this}applyMatrix3(t){if(this.itemSize===2)for(let e=0,n=this.count;e<n;e++)Ma.fromBufferAttribute(this,e),Ma.applyMatrix3(t),this.setXY(e,Ma.x,Ma.y);else if(this.itemSize===3)for(let e=0,n=this.count;e<n;e++)Ee.fromBufferAttribute(this,e),Ee.applyMatrix3(t),this.setXYZ(e,Ee.x,Ee.y,Ee.z);return this}applyMatrix4(t){for(let e=0,n=this.count;e<n;e++)Ee.fromBufferAttribute(this,e),Ee.applyMatrix4(t),this.setXYZ(e,Ee.x,Ee.y,Ee.z);return this}applyNormalMatrix(t){for(let e=0,n=this.count;e<n;e++)Ee.fromBufferAttribute(this,e),Ee.applyNormalMatrix(t),this.setXYZ(e,Ee.x,Ee.y,Ee.z);return this}transformDirection(t){for(let e=0,n=this.count;e<n;e++)Ee.fromBufferAttribute(this,e),Ee.transformDirection(t),this.setXYZ(e,Ee.x,Ee.y,Ee.z);return this}set(t,e=0){return this.array.set(t,e),this}getComponent(t,e){let n=this.array[t*this.itemSize+e];return this.normalized&&(n=this._denormalize(n)),n}setComponent(t,e,n){return this.normalized&&(n=this._normalize(n)),this.array[t*this.itemSize+e]=n,this}getX(t){let e=this.array[t*this.itemSize];return this.normalized&&(e=this._denormalize(e)),e}setX(t,e){return this.normalized&&(e=this._normalize(e)),this.array[t*this.itemSize]=e,this}getY(t){let e=this.array[t*this.itemSize+1];return this.normalized&&(e=this._denormalize(e)),e}setY(t,e){return this.normalized&&(e=this._normalize(e)),this.array[t*this.itemSize+1]=e,this}getZ(t){let e=this.array[t*this.itemSize+2];return this.normalized&&(e=this._denormalize(e)),e}setZ(t,e){return this.normalized&&(e=this._normalize(e)),this.array[t*this.itemSize+2]=e,this}getW(t){let e=this.array[t*this.itemSize+3];return this.normalized&&(e=this._denormalize(e)),e}setW(t,e){return this.normalized&&(e=this._normalize(e)),this.array[t*this.itemSize+3]=e,this}setXY(t,e,n){return t*=this.itemSize,this.normalized&&(e=this._normalize(e),n=this._normalize(n)),this.array[t+0]=e,this.array[t+1]=n,this}setXYZ(t,e,n,s){return t*=this.itemSize,this.normalized&&(e=this._normalize(e),n=this._normalize(n),s=this._normalize(s)),this.array[t+0]=e,this.array[t+1]=n,this.array[t+2]=s,this}setXYZW(t,e,n,s,r){return t*=this.itemSize,this.normalized&&(e=this._normalize(e),n=this._normalize(n),s=this._normalize(s),r=this._normalize(r)),this.array[t+0]=e,this.array[t+1]=n,this.array[t+2]=s,this.array[t+3]=r,this}onUpload(t){return this.onUploadCallback=t,this}clone(){return new this.constructor(this.array,this.itemSize).copy(this)}toJSON(){let t={itemSize:this.itemSize,type:this.array.constructor.name,array:Array.from(this.array),normalized:this.normalized};return t.name=this.name,t.usage=this.usage,t.gpuType=this.gpuType,t}dispose(){this.dispatchEvent({type:"dispose"})}_denormalize(t){let e=this._normalizationScale;return e!==void 0?Math.max(t/e,-1):Rp(t,this.array)}_normalize(t){let e=this._normalizationScale;return e!==void 0?Math.round(t*e):Cp(t,this.array)}};var Tr=class extends mn{constructor(t,e,n){super(new Uint16Array(t),e,n)}};var Er=class extends mn{constructor(t,e,n){super(new Uint32Array(t),e,n)}};var sn=class extends mn{constructor(t,e,n){super(new Float32Array(t),e,n)}},Hp=new un,gr=new C,ql=new C,Ls=class{constructor(t=new C,e=-1){this.isSphere=!0,this.center=t,this.radius=e}set(t,e){return this.center.copy(t),this.radius=e,this}setFromPoints(t,e){let n=this.center;e!==void 0?n.copy(e):Hp.setFromPoints(t).getCenter(n);let s=0;for(let r=0,a=t.length;r<a;r++)s=Math.max(s,n.distanceToSquared(t[r]));return this.radius=Math.sqrt(s),this}copy(t){return this.center.copy(t.center),this.radius=t.radius,this}isEmpty(){return this.radius<0}makeEmpty(){return this.center.set(0,0,0),this.radius=-1,this}containsPoint(t){return t.distanceToSquared(this.center)<=this.radius*this.radius}distanceToPoint(t){return t.distanceTo(this.center)-this.radius}intersectsSphere(t){let e=this.radius+t.radius;return t.center.distanceToSquared(this.center)<=e*e}intersectsBox(t){return t.intersectsSphere(this)}intersectsPlane(t){return Math.abs(t.distanceToPoint(this.center))<=this.radius}clampPoint(t,e){let n=this.center.distanceToSquared(t);return e.copy(t),n>this.radius*this.radius&&(e.sub(this.center).normalize(),e.multiplyScalar(this.radius).add(this.center)),e}getBoundingBox(t){return this.isEmpty()?(t.makeEmpty(),t):(t.set(this.center,this.center),t.expandByScalar(this.radius),t)}applyMatrix4(t){return this.center.applyMatrix4(t),this.radius=this.radius*t.getMaxScaleOnAxis(),this}translate(t){return this.center.add(t),this}expandByPoint(t){if(this.isEmpty())return this.center.copy(t),this.radius=0,this;gr.subVectors(t,this.center);let e=gr.lengthSq();if(e>this.radius*this.radius){let n=Math.sqrt(e),s=(n-this.radius)*.5;this.center.addScaledVector(gr,s/n),this.radius+=s}return this}union(t){return t.isEmpty()?this:this.isEmpty()?(this.copy(t),this):(this.center.equals(t.center)===!0?this.radius=Math.max(this.radius,t.radius):(ql.subVectors(t.center,this.center).setLength(t.radius),this.expandByPoint(gr.copy(t.center).add(ql)),this.expandByPoint(gr.copy(t.center).sub(ql))),this)}equals(t){return t.center.equals(this.center)&&t.radius===this.radius}clone(){return new this.constructor().copy(this)}toJSON(){return{radius:this.radius,center:this.center.toArray()}}fromJSON(t){return this.radius=t.radius,this.center.fromArray(t.center),this}},Vp=0,Rn=new ie,Xl=new je,ws=new C,pn=new un,xr=new un,Be=new C,Vn=class i extends Jn{constructor(){super(),this.isBufferGeometry=!0,Object.defineProperty(this,"id",{value:Vp++}),this.uuid=$r(),this.name="",this.type="BufferGeometry",this.index=null,this.indirect=null,this.indirectOffset=0,this.attributes={},this.morphAttributes={},this.morphTargetsRelative=!1,this.groups=[],this.boundingBox=null,this.boundingSphere=null,this.drawRange={start:0,count:1/0},this.userData={},this._transformed=!1}getIndex(){return this.index}setIndex(t){return Array.isArray(t)?this.index=new(Tp(t)?Er:Tr)(t,1):this.index=t,this}setIndirect(t,e=0){return this.indirect=t,this.indirectOffset=e,this}getIndirect(){return this.indirect}getAttribute(t){return this.attributes[t]}setAttribute(t,e){return this.attributes[t]=e,this}deleteAttribute(t){return delete this.attributes[t],this}hasAttribute(t){return this.attributes[t]!==void 0}addGroup(t,e,n=0){this.groups.push({start:t,count:e,materialIndex:n})}clearGroups(){this.groups=[]}setDrawRange(t,e){this.drawRange.start=t,this.drawRange.count=e}applyMatrix4(t){let e=this.attributes.position;e!==void 0&&(e.applyMatrix4(t),e.needsUpdate=!0);let n=this.attributes.normal;if(n!==void 0){let r=new It().getNormalMatrix(t);n.applyNormalMatrix(r),n.needsUpdate=!0}let s=this.attributes.tangent;return s!==void 0&&(s.transformDirection(t),s.needsUpdate=!0),this.boundingBox!==null&&this.computeBoundingBox(),this.boundingSphere!==null&&this.computeBoundingSphere(),this._transformed=!0,this}applyQuaternion(t){return Rn.makeRotationFromQuaternion(t),this.applyMatrix4(Rn),this}rotateX(t){return Rn.makeRotationX(t),this.applyMatrix4(Rn),this}rotateY(t){return Rn.makeRotationY(t),this.applyMatrix4(Rn),this}rotateZ(t){return Rn.makeRotationZ(t),this.applyMatrix4(Rn),this}translate(t,e,n){return Rn.makeTranslation(t,e,n),this.applyMatrix4(Rn),this}scale(t,e,n){return Rn.makeScale(t,e,n),this.applyMatrix4(Rn),this}lookAt(t){return Xl.lookAt(t),Xl.updateMatrix(),this.applyMatrix4(Xl.matrix),this}center(){return this.computeBoundingBox(),this.boundingBox.getCenter(ws).negate(),this.translate(ws.x,ws.y,ws.z),this}setFromPoints(t){let e=this.getAttribute("position");if(e===void 0){let n=[];for(let s=0,r=t.length;s<r;s++){let a=t[s];n.push(a.x,a.y,a.z||0)}this.setAttribute("position",new sn(n,3))}else{let n=Math.min(t.length,e.count);for(let s=0;s<n;s++){let r=t[s];e.setXYZ(s,r.x,r.y,r.z||0)}t.length>e.count&&Dt("BufferGeometry: Buffer size too small for points data. Use .dispose() and create a new geometry."),e.needsUpdate=!0}return this}computeBoundingBox(){this.boundingBox===null&&(this.boundingBox=new un);let t=this.attributes.position,e=this.morphAttributes.position;if(t&&t.isGLBufferAttribute){Lt("BufferGeometry.computeBoundingBox(): GLBufferAttribute requires a manual bounding box.",this),this.boundingBox.set(new C(-1/0,-1/0,-1/0),new C(1/0,1/0,1/0));return}if(t!==void 0){if(this.boundingBox.setFromBufferAttribute(t),e)for(let n=0,s=e.length;n<s;n++){let r=e[n];pn.setFromBufferAttribute(r),this.morphTargetsRelative?(Be.addVectors(this.boundingBox.min,pn.min),this.boundingBox.expandByPoint(Be),Be.addVectors(this.boundingBox.max,pn.max),this.boundingBox.expandByPoint(Be)):(this.boundingBox.expandByPoint(pn.min),this.boundingBox.expandByPoint(pn.max))}}else this.boundingBox.makeEmpty();(isNaN(this.boundingBox.min.x)||isNaN(this.boundingBox.min.y)||isNaN(this.boundingBox.min.z))&&Lt('BufferGeometry.computeBoundingBox(): Computed min/max have NaN values. The "position" attribute is likely to have NaN values.',this)}computeBoundingSphere(){this.boundingSphere===null&&(this.boundingSphere=new Ls);let t=this.attributes.position,e=this.morphAttributes.position;if(t&&t.isGLBufferAttribute){Lt("BufferGeometry.computeBoundingSphere(): GLBufferAttribute requires a manual bounding sphere.",this),this.boundingSphere.set(new C,1/0);return}if(t){let n=this.boundingSphere.center;if(pn.setFromBufferAttribute(t),e)for(let r=0,a=e.length;r<a;r++){let o=e[r];xr.setFromBufferAttribute(o),this.morphTargetsRelative?(Be.addVectors(pn.min,xr.min),pn.expandByPoint(Be),Be.addVectors(pn.max,xr.max),pn.expandByPoint(Be)):(pn.expandByPoint(xr.min),pn.expandByPoint(xr.max))}pn.getCenter(n);let s=0;for(let r=0,a=t.count;r<a;r++)Be.fromBufferAttribute(t,r),s=Math.max(s,n.distanceToSquared(Be));if(e)for(let r=0,a=e.length;r<a;r++){let o=e[r],c=this.morphTargetsRelative;for(let l=0,u=o.count;l<u;l++)Be.fromBufferAttribute(o,l),c&&(ws.fromBufferAttribute(t,l),Be.add(ws)),s=Math.max(s,n.distanceToSquared(Be))}this.boundingSphere.radius=Math.sqrt(s),isNaN(this.boundingSphere.radius)&&Lt('BufferGeometry.computeBoundingSphere(): Computed radius is NaN. The "position" attribute is likely to have NaN values.',this)}}computeTangents(){let t=this.index,e=this.attributes;if(t===null||e.position===void 0||e.normal===void 0||e.uv===void 0){Lt("BufferGeometry: .computeTangents() failed. Missing required attributes (index, position, normal or uv)");return}let n=e.position,s=e.normal,r=e.uv,a=this.getAttribute("tangent");(a===void 0||a.count!==n.count)&&(a=new mn(new Float32Array(4*n.count),4),this.setAttribute("tangent",a));let o=[],c=[],l=new Uint8Array(n.count);for(let N=0;N<n.count;N++)o[N]=new C,c[N]=new C;let u=new C,h=new C,d=new C,m=new Wt,g=new Wt,v=new Wt,f=new C,p=new C;function y(N,P,D){l[N]=l[P]=l[D]=1,u.fromBufferAttribute(n,N),h.fromBufferAttribute(n,P),d.fromBufferAttribute(n,D),m.fromBufferAttribute(r,N),g.fromBufferAttribute(r,P),v.fromBufferAttribute(r,D),h.sub(u),d.sub(u),g.sub(m),v.sub(m);let U=1/(g.x*v.y-v.x*g.y);isFinite(U)&&(f.copy(h).multiplyScalar(v.y).addScaledVector(d,-g.y).multiplyScalar(U),p.copy(d).multiplyScalar(g.x).addScaledVector(h,-v.x).multiplyScalar(U),o[N].add(f),o[P].add(f),o[D].add(f),c[N].add(p),c[P].add(p),c[D].add(p))}let M=this.groups;M.length===0&&(M=[{start:0,count:t.count}]);for(let N=0,P=M.length;N<P;++N){let D=M[N],U=D.start,$=D.count;for(let I=U,G=U+$;I<G;I+=3)y(t.getX(I+0),t.getX(I+1),t.getX(I+2))}let b=new C,w=new C,E=new C,x=new C;function T(N){E.fromBufferAttribute(s,N),x.copy(E);let P=o[N];b.copy(P),b.sub(E.multiplyScalar(E.dot(P))).normalize(),w.crossVectors(x,P);let U=w.dot(c[N])<0?-1:1;a.setXYZW(N,b.x,b.y,b.z,U)}for(let N=0,P=n.count;N<P;++N)l[N]&&T(N);this._transformed=!0}computeVertexNormals(){let t=this.index,e=this.getAttribute("position");if(e!==void 0){let n=this.getAttribute("normal");if(n===void 0||n.count!==e.count)n=new mn(new Float32Array(e.count*3),3),this.setAttribute("normal",n);else for(let d=0,m=n.count;d<m;d++)n.setXYZ(d,0,0,0);let s=new C,r=new C,a=new C,o=new C,c=new C,l=new C,u=new C,h=new C;if(t)for(let d=0,m=t.count;d<m;d+=3){let g=t.getX(d+0),v=t.getX(d+1),f=t.getX(d+2);s.fromBufferAttribute(e,g),r.fromBufferAttribute(e,v),a.fromBufferAttribute(e,f),u.subVectors(a,r),h.subVectors(s,r),u.cross(h),o.fromBufferAttribute(n,g),c.fromBufferAttribute(n,v),l.fromBufferAttribute(n,f),o.add(u),c.add(u),l.add(u),n.setXYZ(g,o.x,o.y,o.z),n.setXYZ(v,c.x,c.y,c.z),n.setXYZ(f,l.x,l.y,l.z)}else for(let d=0,m=e.count;d<m;d+=3)s.fromBufferAttribute(e,d+0),r.fromBufferAttribute(e,d+1),a.fromBufferAttribute(e,d+2),u.subVectors(a,r),h.subVectors(s,r),u.cross(h),n.setXYZ(d+0,u.x,u.y,u.z),n.setXYZ(d+1,u.x,u.y,u.z),n.setXYZ(d+2,u.x,u.y,u.z);this.normalizeNormals(),n.needsUpdate=!0}}normalizeNormals(){let t=this.attributes.normal;for(let e=0,n=t.count;e<n;e++)Be.fromBufferAttribute(t,e),Be.normalize(),t.setXYZ(e,Be.x,Be.y,Be.z)}toNonIndexed(){function t(o,c){let l=o.array,u=o.itemSize,h=o.normalized,d=new l.constructor(c.length*u),m=0,g=0;for(let v=0,f=c.length;v<f;v++){o.isInterleavedBufferAttribute?m=c[v]*o.data.stride+o.offset:m=c[v]*u;for(let p=0;p<u;p++)d[g++]=l[m++]}return new mn(d,u,h)}if(this.index===null)return Dt("BufferGeometry.toNonIndexed(): BufferGeometry is already non-indexed."),this;let e=new i,n=this.index.array,s=this.attributes;for(let o in s){let c=s[o],l=t(c,n);e.setAttribute(o,l)}let r=this.morphAttributes;for(let o in r){let c=[],l=r[o];for(let u=0,h=l.length;u<h;u++){let d=l[u],m=t(d,n);c.push(m)}e.morphAttributes[o]=c}e.morphTargetsRelative=this.morphTargetsRelative;let a=this.groups;for(let o=0,c=a.length;o<c;o++){let l=a[o];e.addGroup(l.start,l.count,l.materialIndex)}return e}toJSON(){let t={metadata:{version:4.7,type:"BufferGeometry",generator:"BufferGeometry.toJSON"}};if(t.uuid=this.uuid,t.type=this.parameters!==void 0&&this._transformed===!0?"BufferGeometry":this.type,t.name=this.name,Object.keys(this.userData).length>0&&(t.userData=this.userData),this.parameters!==void 0&&this._transformed!==!0){let c=this.parameters;for(let l in c)c[l]!==void 0&&(t[l]=c[l]);return t}t.data={attributes:{}};let e=this.index;e!==null&&(t.data.index={type:e.array.constructor.name,array:Array.prototype.slice.call(e.array)});let n=this.attributes;for(let c in n){let l=n[c];t.data.attributes[c]=l.toJSON(t.data)}let s={},r=!1;for(let c in this.morphAttributes){let l=this.morphAttributes[c],u=[];for(let h=0,d=l.length;h<d;h++){let m=l[h];u.push(m.toJSON(t.data))}u.length>0&&(s[c]=u,r=!0)}r&&(t.data.morphAttributes=s,t.data.morphTargetsRelative=this.morphTargetsRelative);let a=this.groups;a.length>0&&(t.data.groups=JSON.parse(JSON.stringify(a)));let o=this.boundingSphere;return o!==null&&(t.data.boundingSphere=o.toJSON()),t}clone(){return new this.constructor().copy(this)}copy(t){this.index=null,this.attributes={},this.morphAttributes={},this.groups=[],this.boundingBox=null,this.boundingSphere=null;let e={};this.name=t.name;let n=t.index;n!==null&&this.setIndex(n.clone());let s=t.attributes;for(let l in s){let u=s[l];this.setAttribute(l,u.clone(e))}let r=t.morphAttributes;for(let l in r){let u=[],h=r[l];for(let d=0,m=h.length;d<m;d++)u.push(h[d].clone(e));this.morphAttributes[l]=u}this.morphTargetsRelative=t.morphTargetsRelative;let a=t.groups;for(let l=0,u=a.length;l<u;l++){let h=a[l];this.addGroup(h.start,h.count,h.materialIndex)}let o=t.boundingBox;o!==null&&(this.boundingBox=o.clone());let c=t.boundingSphere;return c!==null&&(this.boundingSphere=c.clone()),this.drawRange.start=t.drawRange.start,this.drawRange.count=t.drawRange.count,this.userData=t.userData,this._transformed=t._transformed,this}dispose(){this.dispatchEvent({type:"dispose"})}};var Yl=new C,Gp=new C,$p=new It,Hn=class{constructor(t=new C(1,0,0),e=0){this.isPlane=!0,this.normal=t,this.constant=e}set(t,e){return this.normal.copy(t),this.constant=e,this}setComponents(t,e,n,s){return this.normal.set(t,e,n),this.constant=s,this}setFromNormalAndCoplanarPoint(t,e){return this.normal.copy(t),this.constant=-e.dot(this.normal),this}setFromCoplanarPoints(t,e,n){let s=Yl.subVectors(n,e).cross(Gp.subVectors(t,e)).normalize();return this.setFromNormalAndCoplanarPoint(s,t),this}copy(t){return this.normal.copy(t.normal),this.constant=t.constant,this}normalize(){let t=1/this.normal.length();return this.normal.multiplyScalar(t),this.constant*=t,this}negate(){return this.constant*=-1,this.normal.negate(),this}distanceToPoint(t){return this.normal.dot(t)+this.constant}distanceToSphere(t){return this.distanceToPoint(t.center)-t.radius}projectPoint(t,e){return e.copy(t).addScaledVector(this.normal,-this.distanceToPoint(t))}intersectLine(t,e,n=!0){let s=t.delta(Yl),r=this.normal.dot(s);if(r===0)return this.distanceToPoint(t.start)===0?e.copy(t.start):null;let a=-(t.start.dot(this.normal)+this.constant)/r;return n===!0&&(a<0||a>1)?null:e.copy(t.start).addScaledVector(s,a)}intersectsLine(t){let e=this.distanceToPoint(t.start),n=this.distanceToPoint(t.end);return e<0&&n>0||n<0&&e>0}intersectsBox(t){return t.intersectsPlane(this)}intersectsSphere(t){return t.intersectsPlane(this)}coplanarPoint(t){return t.copy(this.normal).multiplyScalar(-this.constant)}applyMatrix4(t,e){let n=e||$p.getNormalMatrix(t),s=this.coplanarPoint(Yl).applyMatrix4(t),r=this.normal.applyMatrix3(n).normalize();return this.constant=-s.dot(r),this}translate(t){return this.constant-=t.dot(this.normal),this}equals(t){return t.normal.equals(this.normal)&&t.constant===this.constant}clone(){return new this.constructor().copy(this)}toJSON(){return{normal:this.normal.toArray(),constant:this.constant}}fromJSON(t){return this.normal.fromArray(t.normal),this.constant=t.constant,this}},Wp=0,Li=class extends Jn{constructor(){super(),this.isMaterial=!0,Object.defineProperty(this,"id",{value:Wp++}),this.uuid=$r(),this.name="",this.type="Material",this.blending=Os,this.side=Bi,this.vertexColors=!1,this.opacity=1,this.transparent=!1,this.alphaHash=!1,this.blendSrc=lc,this.blendDst=cc,this.blendEquation=rs,this.blendSrcAlpha=null,this.blendDstAlpha=null,this.blendEquationAlpha=null,this.blendColor=new Ot(0,0,0),this.blendAlpha=0,this.depthFunc=Cs,this.depthTest=!0,this.depthWrite=!0,this.stencilWriteMask=255,this.stencilFunc=_d,this.stencilRef=0,this.stencilFuncMask=255,this.stencilFail=za,this.stencilZFail=za,this.stencilZPass=za,this.stencilWrite=!1,this.clippingPlanes=null,this.clipIntersection=!1,this.clipShadows=!1,this.shadowSide=null,this.colorWrite=!0,this.precision=null,this.polygonOffset=!1,this.polygonOffsetFactor=0,this.polygonOffsetUnits=0,this.dithering=!1,this.alphaToCoverage=!1,this.premultipliedAlpha=!1,this.forceSinglePass=!1,this.allowOverride=!0,this.visible=!0,this.toneMapped=!0,this.userData={},this.version=0,this._alphaTest=0}get alphaTest(){return this._alphaTest}set alphaTest(t){this._alphaTest>0!=t>0&&this.version++,this._alphaTest=t}onBeforeRender(){}onBeforeCompile(){}customProgramCacheKey(){return this.onBeforeCompile.toString()}setValues(t){if(t!==void 0)for(let e in t){let n=t[e];if(n===void 0){Dt(`Material: parameter '${e}' has value of undefined.`);continue}let s=this[e];if(s===void 0){Dt(`Material: '${e}' is not a property of THREE.${this.type}.`);continue}s&&s.isColor?s.set(n):s&&s.isVector2&&n&&n.isVector2||s&&s.isEuler&&n&&n.isEuler||s&&s.isVector3&&n&&n.isVector3?s.copy(n):this[e]=n}}toJSON(t){let e=t===void 0||typeof t=="string";e&&(t={textures:{},images:{}});let n={metadata:{version:4.7,type:"Material",generator:"Material.toJSON"}};n.uuid=this.uuid,n.type=this.type,n.blending=this.blending,n.side=this.side,n.shadowSide=this.shadowSide,n.vertexColors=this.vertexColors,n.opacity=this.opacity,n.transparent=this.transparent,n.blendSrc=this.blendSrc,n.blendDst=this.blendDst,n.blendEquation=this.blendEquation,n.blendSrcAlpha=this.blendSrcAlpha,n.blendDstAlpha=this.blendDstAlpha,n.blendEquationAlpha=this.blendEquationAlpha,n.blendColor=this.blendColor.getHex(),n.blendAlpha=this.blendAlpha,n.depthFunc=this.depthFunc,n.depthTest=this.depthTest,n.depthWrite=this.depthWrite,n.colorWrite=this.colorWrite,n.clipIntersection=this.clipIntersection,n.clipShadows=this.clipShadows,n.stencilWriteMask=this.stencilWriteMask,n.stencilFunc=this.stencilFunc,n.stencilRef=this.stencilRef,n.stencilFuncMask=this.stencilFuncMask,n.stencilFail=this.stencilFail,n.stencilZFail=this.stencilZFail,n.stencilZPass=this.stencilZPass,n.stencilWrite=this.stencilWrite,n.polygonOffset=this.polygonOffset,n.polygonOffsetFactor=this.polygonOffsetFactor,n.polygonOffsetUnits=this.polygonOffsetUnits,n.dithering=this.dithering,n.alphaTest=this.alphaTest,n.alphaHash=this.alphaHash,n.alphaToCoverage=this.alphaToCoverage,n.premultipliedAlpha=this.premultipliedAlpha,n.forceSinglePass=this.forceSinglePass,n.allowOverride=this.allowOverride,n.visible=this.visible,n.toneMapped=this.toneMapped,n.name=this.name,this.color&&this.color.isColor&&(n.color=this.color.getHex()),this.roughness!==void 0&&(n.roughness=this.roughness),this.metalness!==void 0&&(n.metalness=this.metalness),this.sheen!==void 0&&(n.sheen=this.sheen),this.sheenColor&&this.sheenColor.isColor&&(n.sheenColor=this.sheenColor.getHex()),this.sheenRoughness!==void 0&&(n.sheenRoughness=this.sheenRoughness),this.emissive&&this.emissive.isColor&&(n.emissive=this.emissive.getHex()),this.emissiveIntensity!==void 0&&(n.emissiveIntensity=this.emissiveIntensity),this.specular&&this.specular.isColor&&(n.specular=this.specular.getHex()),this.specularIntensity!==void 0&&(n.specularIntensity=this.specularIntensity),this.specularColor&&this.specularColor.isColor&&(n.specularColor=this.specularColor.getHex()),this.shininess!==void 0&&(n.shininess=this.shininess),this.clearcoat!==void 0&&(n.clearcoat=this.clearcoat),this.clearcoatRoughness!==void 0&&(n.clearcoatRoughness=this.clearcoatRoughness),this.diffuseRoughness!==void 0&&(n.diffuseRoughness=this.diffuseRoughness),this.diffuseRoughnessMap&&this.diffuseRoughnessMap.isTexture&&(n.diffuseRoughnessMap=this.diffuseRoughnessMap.toJSON(t).uuid),this.clearcoatMap&&this.clearcoatMap.isTexture&&(n.clearcoatMap=this.clearcoatMap.toJSON(t).uuid),this.clearcoatRoughnessMap&&this.clearcoatRoughnessMap.isTexture&&(n.clearcoatRoughnessMap=this.clearcoatRoughnessMap.toJSON(t).uuid),this.clearcoatNormalMap&&this.clearcoatNormalMap.isTexture&&(n.clearcoatNormalMap=this.clearcoatNormalMap.toJSON(t).uuid,n.clearcoatNormalScale=this.clearcoatNormalScale.toArray()),this.sheenColorMap&&this.sheenColorMap.isTexture&&(n.sheenColorMap=this.sheenColorMap.toJSON(t).uuid),this.sheenRoughnessMap&&this.sheenRoughnessMap.isTexture&&(n.sheenRoughnessMap=this.sheenRoughnessMap.toJSON(t).uuid),this.dispersion!==void 0&&(n.dispersion=this.dispersion),this.retroreflectivity!==void 0&&(n.retroreflectivity=this.retroreflectivity),this.iridescence!==void 0&&(n.iridescence=this.iridescence),this.iridescenceIOR!==void 0&&(n.iridescenceIOR=this.iridescenceIOR),this.iridescenceThicknessMinimum!==void 0&&(n.iridescenceThicknessMinimum=this.iridescenceThicknessMinimum),this.iridescenceThicknessMaximum!==void 0&&(n.iridescenceThicknessMaximum=this.iridescenceThicknessMaximum),this.iridescenceMap&&this.iridescenceMap.isTexture&&(n.iridescenceMap=this.iridescenceMap.toJSON(t).uuid),this.iridescenceThicknessMap&&this.iridescenceThicknessMap.isTexture&&(n.iridescenceThicknessMap=this.iridescenceThicknessMap.toJSON(t).uuid),this.anisotropy!==void 0&&(n.anisotropy=this.anisotropy),this.anisotropyRotation!==void 0&&(n.anisotropyRotation=this.anisotropyRotation),this.anisotropyMap&&this.anisotropyMap.isTexture&&(n.anisotropyMap=this.anisotropyMap.toJSON(t).uuid),this.map&&this.map.isTexture&&(n.map=this.map.toJSON(t).uuid),this.matcap&&this.matcap.isTexture&&(n.matcap=this.matcap.toJSON(t).uuid),this.alphaMap&&this.alphaMap.isTexture&&(n.alphaMap=this.alphaMap.toJSON(t).uuid),this.lightMap&&this.lightMap.isTexture&&(n.lightMap=this.lightMap.toJSON(t).uuid,n.lightMapIntensity=this.lightMapIntensity),this.aoMap&&this.aoMap.isTexture&&(n.aoMap=this.aoMap.toJSON(t).uuid,n.aoMapIntensity=this.aoMapIntensity),this.bumpMap&&this.bumpMap.isTexture&&(n.bumpMap=this.bumpMap.toJSON(t).uuid,n.bumpScale=this.bumpScale),this.normalMap&&this.normalMap.isTexture&&(n.normalMap=this.normalMap.toJSON(t).uuid,n.normalMapType=this.normalMapType,n.normalScale=this.normalScale.toArray()),this.displacementMap&&this.displacementMap.isTexture&&(n.displacementMap=this.displacementMap.toJSON(t).uuid,n.displacementScale=this.displacementScale,n.displacementBias=this.displacementBias),this.roughnessMap&&this.roughnessMap.isTexture&&(n.roughnessMap=this.roughnessMap.toJSON(t).uuid),this.metalnessMap&&this.metalnessMap.isTexture&&(n.metalnessMap=this.metalnessMap.toJSON(t).uuid),this.emissiveMap&&this.emissiveMap.isTexture&&(n.emissiveMap=this.emissiveMap.toJSON(t).uuid),this.specularMap&&this.specularMap.isTexture&&(n.specularMap=this.specularMap.toJSON(t).uuid),this.specularIntensityMap&&this.specularIntensityMap.isTexture&&(n.specularIntensityMap=this.specularIntensityMap.toJSON(t).uuid),this.specularColorMap&&this.specularColorMap.isTexture&&(n.specularColorMap=this.specularColorMap.toJSON(t).uuid),this.envMap&&this.envMap.isTexture&&(n.envMap=this.envMap.toJSON(t).uuid,this.combine!==void 0&&(n.combine=this.combine)),this.envMapRotation!==void 0&&(n.envMapRotation=this.envMapRotation.toArray()),this.envMapIntensity!==void 0&&(n.envMapIntensity=this.envMapIntensity),this.reflectivity!==void 0&&(n.reflectivity=this.reflectivity),this.refractionRatio!==void 0&&(n.refractionRatio=this.refractionRatio),this.gradientMap&&this.gradientMap.isTexture&&(n.gradientMap=this.gradientMap.toJSON(t).uuid),this.transmission!==void 0&&(n.transmission=this.transmission),this.transmissionMap&&this.transmissionMap.isTexture&&(n.transmissionMap=this.transmissionMap.toJSON(t).uuid),this.thickness!==void 0&&(n.thickness=this.thickness),this.thicknessMap&&this.thicknessMap.isTexture&&(n.thicknessMap=this.thicknessMap.toJSON(t).uuid),this.attenuationDistance!==void 0&&(n.attenuationDistance=this.attenuationDistance),this.attenuationColor!==void 0&&(n.attenuationColor=this.attenuationColor.getHex()),this.size!==void 0&&(n.size=this.size),this.sizeAttenuation!==void 0&&(n.sizeAttenuation=this.sizeAttenuation),Array.isArray(this.clippingPlanes)&&this.clippingPlanes.length>0&&(n.clippingPlanes=this.clippingPlanes.map(r=>r.toJSON())),this.rotation!==void 0&&(n.rotation=this.rotation),this.depthPacking!==void 0&&(n.depthPacking=this.depthPacking),this.linewidth!==void 0&&(n.linewidth=this.linewidth),this.linecap!==void 0&&(n.linecap=this.linecap),this.linejoin!==void 0&&(n.linejoin=this.linejoin),this.dashSize!==void 0&&(n.dashSize=this.dashSize),this.gapSize!==void 0&&(n.gapSize=this.gapSize),this.scale!==void 0&&(n.scale=this.scale),this.wireframe!==void 0&&(n.wireframe=this.wireframe),this.wireframeLinewidth!==void 0&&(n.wireframeLinewidth=this.wireframeLinewidth),this.wireframeLinecap!==void 0&&(n.wireframeLinecap=this.wireframeLinecap),this.wireframeLinejoin!==void 0&&(n.wireframeLinejoin=this.wireframeLinejoin),this.flatShading!==void 0&&(n.flatShading=this.flatShading),this.fog!==void 0&&(n.fog=this.fog),Object.keys(this.userData).length>0&&(n.userData=this.userData);function s(r){let a=[];for(let o in r){let c=r[o];delete c.metadata,a.push(c)}return a}if(e){let r=s(t.textures),a=s(t.images);r.length>0&&(n.textures=r),a.length>0&&(n.images=a)}return n}fromJSON(t,e){if(t.uuid!==void 0&&(this.uuid=t.uuid),t.name!==void 0&&(this.name=t.name),t.color!==void 0&&this.color!==void 0&&this.color.setHex(t.color),t.roughness!==void 0&&(this.roughness=t.roughness),t.metalness!==void 0&&(this.metalness=t.metalness),t.sheen!==void 0&&(this.sheen=t.sheen),t.sheenColor!==void 0&&(this.sheenColor=new Ot().setHex(t.sheenColor)),t.sheenRoughness!==void 0&&(this.sheenRoughness=t.sheenRoughness),t.emissive!==void 0&&this.emissive!==void 0&&this.emissive.setHex(t.emissive),t.specular!==void 0&&this.specular!==void 0&&this.specular.setHex(t.specular),t.specularIntensity!==void 0&&(this.specularIntensity=t.specularIntensity),t.specularColor!==void 0&&this.specularColor!==void 0&&this.specularColor.setHex(t.specularColor),t.shininess!==void 0&&(this.shininess=t.shininess),t.clearcoat!==void 0&&(this.clearcoat=t.clearcoat),t.clearcoatRoughness!==void 0&&(this.clearcoatRoughness=t.clearcoatRoughness),t.diffuseRoughness!==void 0&&(this.diffuseRoughness=t.diffuseRoughness),t.dispersion!==void 0&&(this.dispersion=t.dispersion),t.retroreflectivity!==void 0&&(this.retroreflectivity=t.retroreflectivity),t.iridescence!==void 0&&(this.iridescence=t.iridescence),t.iridescenceIOR!==void 0&&(this.iridescenceIOR=t.iridescenceIOR),t.iridescenceThicknessMinimum!==void 0&&(this.iridescenceThicknessMinimum=t.iridescenceThicknessMinimum),t.iridescenceThicknessMaximum!==void 0&&(this.iridescenceThicknessMaximum=t.iridescenceThicknessMaximum),t.iridescenceThicknessRange!==void 0&&(this.iridescenceThicknessMinimum=t.iridescenceThicknessRange[0],this.iridescenceThicknessMaximum=t.iridescenceThicknessRange[1]),t.transmission!==void 0&&(this.transmission=t.transmission),t.thickness!==void 0&&(this.thickness=t.thickness),t.attenuationDistance!==void 0&&(this.attenuationDistance=t.attenuationDistance),t.attenuationColor!==void 0&&this.attenuationColor!==void 0&&this.attenuationColor.setHex(t.attenuationColor),t.anisotropy!==void 0&&(this.anisotropy=t.anisotropy),t.anisotropyRotation!==void 0&&(this.anisotropyRotation=t.anisotropyRotation),t.fog!==void 0&&(this.fog=t.fog),t.flatShading!==void 0&&(this.flatShading=t.flatShading),t.blending!==void 0&&(this.blending=t.blending),t.combine!==void 0&&(this.combine=t.combine),t.side!==void 0&&(this.side=t.side),t.shadowSide!==void 0&&(this.shadowSide=t.shadowSide),t.opacity!==void 0&&(this.opacity=t.opacity),t.transparent!==void 0&&(this.transparent=t.transparent),t.alphaTest!==void 0&&(this.alphaTest=t.alphaTest),t.alphaHash!==void 0&&(this.alphaHash=t.alphaHash),t.depthFunc!==void 0&&(this.depthFunc=t.depthFunc),t.depthTest!==void 0&&(this.depthTest=t.depthTest),t.depthWrite!==void 0&&(this.depthWrite=t.depthWrite),t.colorWrite!==void 0&&(this.colorWrite=t.colorWrite),t.clippingPlanes!==void 0&&(this.clippingPlanes=t.clippingPlanes.map(n=>new Hn().fromJSON(n))),t.clipIntersection!==void 0&&(this.clipIntersection=t.clipIntersection),t.clipShadows!==void 0&&(this.clipShadows=t.clipShadows),t.depthPacking!==void 0&&(this.depthPacking=t.depthPacking),t.blendSrc!==void 0&&(this.blendSrc=t.blendSrc),t.blendDst!==void 0&&(this.blendDst=t.blendDst),t.blendEquation!==void 0&&(this.blendEquation=t.blendEquation),t.blendSrcAlpha!==void 0&&(this.blendSrcAlpha=t.blendSrcAlpha),t.blendDstAlpha!==void 0&&(this.blendDstAlpha=t.blendDstAlpha),t.blendEquationAlpha!==void 0&&(this.blendEquationAlpha=t.blendEquationAlpha),t.blendColor!==void 0&&this.blendColor!==void 0&&this.blendColor.setHex(t.blendColor),t.blendAlpha!==void 0&&(this.blendAlpha=t.blendAlpha),t.stencilWriteMask!==void 0&&(this.stencilWriteMask=t.stencilWriteMask),t.stencilFunc!==void 0&&(this.stencilFunc=t.stencilFunc),t.stencilRef!==void 0&&(this.stencilRef=t.stencilRef),t.stencilFuncMask!==void 0&&(this.stencilFuncMask=t.stencilFuncMask),t.stencilFail!==void 0&&(this.stencilFail=t.stencilFail),t.stencilZFail!==void 0&&(this.stencilZFail=t.stencilZFail),t.stencilZPass!==void 0&&(this.stencilZPass=t.stencilZPass),t.stencilWrite!==void 0&&(this.stencilWrite=t.stencilWrite),t.wireframe!==void 0&&(this.wireframe=t.wireframe),t.wireframeLinewidth!==void 0&&(this.wireframeLinewidth=t.wireframeLinewidth),t.wireframeLinecap!==void 0&&(this.wireframeLinecap=t.wireframeLinecap),t.wireframeLinejoin!==void 0&&(this.wireframeLinejoin=t.wireframeLinejoin),t.rotation!==void 0&&(this.rotation=t.rotation),t.linewidth!==void 0&&(this.linewidth=t.linewidth),t.linecap!==void 0&&(this.linecap=t.linecap),t.linejoin!==void 0&&(this.linejoin=t.linejoin),t.dashSize!==void 0&&(this.dashSize=t.dashSize),t.gapSize!==void 0&&(this.gapSize=t.gapSize),t.scale!==void 0&&(this.scale=t.scale),t.polygonOffset!==void 0&&(this.polygonOffset=t.polygonOffset),t.polygonOffsetFactor!==void 0&&(this.polygonOffsetFactor=t.polygonOffsetFactor),t.polygonOffsetUnits!==void 0&&(this.polygonOffsetUnits=t.polygonOffsetUnits),t.dithering!==void 0&&(this.dithering=t.dithering),t.alphaToCoverage!==void 0&&(this.alphaToCoverage=t.alphaToCoverage),t.premultipliedAlpha!==void 0&&(this.premultipliedAlpha=t.premultipliedAlpha),t.forceSinglePass!==void 0&&(this.forceSinglePass=t.forceSinglePass),t.allowOverride!==void 0&&(this.allowOverride=t.allowOverride),t.visible!==void 0&&(this.visible=t.visible),t.toneMapped!==void 0&&(this.toneMapped=t.toneMapped),t.userData!==void 0&&(this.userData=t.userData),t.vertexColors!==void 0&&(typeof t.vertexColors=="number"?this.vertexColors=t.vertexColors>0:this.vertexColors=t.vertexColors),t.size!==void 0&&(this.size=t.size),t.sizeAttenuation!==void 0&&(this.sizeAttenuation=t.sizeAttenuation),t.map!==void 0&&(this.map=e[t.map]||null),t.matcap!==void 0&&(this.matcap=e[t.matcap]||null),t.alphaMap!==void 0&&(this.alphaMap=e[t.alphaMap]||null),t.bumpMap!==void 0&&(this.bumpMap=e[t.bumpMap]||null),t.bumpScale!==void 0&&(this.bumpScale=t.bumpScale),t.normalMap!==void 0&&(this.normalMap=e[t.normalMap]||null),t.normalMapType!==void 0&&(this.normalMapType=t.normalMapType),t.normalScale!==void 0){let n=t.normalScale;Array.isArray(n)===!1&&(n=[n,n]),this.normalScale=new Wt().fromArray(n)}return t.displacementMap!==void 0&&(this.displacementMap=e[t.displacementMap]||null),t.displacementScale!==void 0&&(this.displacementScale=t.displacementScale),t.displacementBias!==void 0&&(this.displacementBias=t.displacementBias),t.roughnessMap!==void 0&&(this.roughnessMap=e[t.roughnessMap]||null),t.metalnessMap!==void 0&&(this.metalnessMap=e[t.metalnessMap]||null),t.emissiveMap!==void 0&&(this.emissiveMap=e[t.emissiveMap]||null),t.emissiveIntensity!==void 0&&(this.emissiveIntensity=t.emissiveIntensity),t.specularMap!==void 0&&(this.specularMap=e[t.specularMap]||null),t.specularIntensityMap!==void 0&&(this.specularIntensityMap=e[t.specularIntensityMap]||null),t.specularColorMap!==void 0&&(this.specularColorMap=e[t.specularColorMap]||null),t.envMap!==void 0&&(this.envMap=e[t.envMap]||null),t.envMapRotation!==void 0&&this.envMapRotation.fromArray(t.envMapRotation),t.envMapIntensity!==void 0&&(this.envMapIntensity=t.envMapIntensity),t.reflectivity!==void 0&&(this.reflectivity=t.reflectivity),t.refractionRatio!==void 0&&(this.refractionRatio=t.refractionRatio),t.lightMap!==void 0&&(this.lightMap=e[t.lightMap]||null),t.lightMapIntensity!==void 0&&(this.lightMapIntensity=t.lightMapIntensity),t.aoMap!==void 0&&(this.aoMap=e[t.aoMap]||null),t.aoMapIntensity!==void 0&&(this.aoMapIntensity=t.aoMapIntensity),t.gradientMap!==void 0&&(this.gradientMap=e[t.gradientMap]||null),t.clearcoatMap!==void 0&&(this.clearcoatMap=e[t.clearcoatMap]||null),t.clearcoatRoughnessMap!==void 0&&(this.clearcoatRoughnessMap=e[t.clearcoatRoughnessMap]||null),t.clearcoatNormalMap!==void 0&&(this.clearcoatNormalMap=e[t.clearcoatNormalMap]||null),t.clearcoatNormalScale!==void 0&&(this.clearcoatNormalScale=new Wt().fromArray(t.clearcoatNormalScale)),t.diffuseRoughnessMap!==void 0&&(this.diffuseRoughnessMap=e[t.diffuseRoughnessMap]||null),t.iridescenceMap!==void 0&&(this.iridescenceMap=e[t.iridescenceMap]||null),t.iridescenceThicknessMap!==void 0&&(this.iridescenceThicknessMap=e[t.iridescenceThicknessMap]||null),t.transmissionMap!==void 0&&(this.transmissionMap=e[t.transmissionMap]||null),t.thicknessMap!==void 0&&(this.thicknessMap=e[t.thicknessMap]||null),t.anisotropyMap!==void 0&&(this.anisotropyMap=e[t.anisotropyMap]||null),t.sheenColorMap!==void 0&&(this.sheenColorMap=e[t.sheenColorMap]||null),t.sheenRoughnessMap!==void 0&&(this.sheenRoughnessMap=e[t.sheenRoughnessMap]||null),this}clone(){return new this.constructor().copy(this)}copy(t){this.name=t.name,this.blending=t.blending,this.side=t.side,this.vertexColors=t.vertexColors,this.opacity=t.opacity,this.transparent=t.transparent,this.blendSrc=t.blendSrc,this.blendDst=t.blendDst,this.blendEquation=t.blendEquation,this.blendSrcAlpha=t.blendSrcAlpha,this.blendDstAlpha=t.blendDstAlpha,this.blendEquationAlpha=t.blendEquationAlpha,this.blendColor.copy(t.blendColor),this.blendAlpha=t.blendAlpha,this.depthFunc=t.depthFunc,this.depthTest=t.depthTest,this.depthWrite=t.depthWrite,this.stencilWriteMask=t.stencilWriteMask,this.stencilFunc=t.stencilFunc,this.stencilRef=t.stencilRef,this.stencilFuncMask=t.stencilFuncMask,this.stencilFail=t.stencilFail,this.stencilZFail=t.stencilZFail,this.stencilZPass=t.stencilZPass,this.stencilWrite=t.stencilWrite;let e=t.clippingPlanes,n=null;if(e!==null){let s=e.length;n=new Array(s);for(let r=0;r!==s;++r)n[r]=e[r].clone()}return this.clippingPlanes=n,this.clipIntersection=t.clipIntersection,this.clipShadows=t.clipShadows,this.shadowSide=t.shadowSide,this.colorWrite=t.colorWrite,this.precision=t.precision,this.polygonOffset=t.polygonOffset,this.polygonOffsetFactor=t.polygonOffsetFactor,this.polygonOffsetUnits=t.polygonOffsetUnits,this.dithering=t.dithering,this.alphaTest=t.alphaTest,this.alphaHash=t.alphaHash,this.alphaToCoverage=t.alphaToCoverage,this.premultipliedAlpha=t.premultipliedAlpha,this.forceSinglePass=t.forceSinglePass,this.allowOverride=t.allowOverride,this.visible=t.visible,this.toneMapped=t.toneMapped,this.userData=JSON.parse(JSON.stringify(t.userData)),this}dispose(){this.dispatchEvent({type:"dispose"})}set needsUpdate(t){t===!0&&this.version++}};var di=new C,Kl=new C,wa=new C,Ta=new C,ja=class{constructor(t=new C,e=new C(0,0,-1)){this.origin=t,this.direction=e}set(t,e){return this.origin.copy(t),this.direction.copy(e),this}copy(t){return this.origin.copy(t.origin),this.direction.copy(t.direction),this}at(t,e){return e.copy(this.origin).addScaledVector(this.direction,t)}lookAt(t){return this.direction.copy(t).sub(this.origin).normalize(),this}recast(t){return this.origin.copy(this.at(t,di)),this}closestPointToPoint(t,e){e.subVectors(t,this.origin);let n=e.dot(this.direction);return n<0?e.copy(this.origin):e.copy(this.origin).addScaledVector(this.direction,n)}distanceToPoint(t){return Math.sqrt(this.distanceSqToPoint(t))}distanceSqToPoint(t){let e=di.subVectors(t,this.origin).dot(this.direction);return e<0?this.origin.distanceToSquared(t):(di.copy(this.origin).addScaledVector(this.direction,e),di.distanceToSquared(t))}distanceSqToSegment(t,e,n,s){Kl.copy(t).add(e).multiplyScalar(.5),wa.copy(e).sub(t).normalize(),Ta.copy(this.origin).sub(Kl);let r=t.distanceTo(e)*.5,a=-this.direction.dot(wa),o=Ta.dot(this.direction),c=-Ta.dot(wa),l=Ta.lengthSq(),u=Math.abs(1-a*a),h,d,m,g;if(u>0)if(h=a*c-o,d=a*o-c,g=r*u,h>=0)if(d>=-g)if(d<=g){let v=1/u;h*=v,d*=v,m=h*(h+a*d+2*o)+d*(a*h+d+2*c)+l}else d=r,h=Math.max(0,-(a*d+o)),m=-h*h+d*(d+2*c)+l;else d=-r,h=Math.max(0,-(a*d+o)),m=-h*h+d*(d+2*c)+l;else d<=-g?(h=Math.max(0,-(-a*r+o)),d=h>0?-r:Math.min(Math.max(-r,-c),r),m=-h*h+d*(d+2*c)+l):d<=g?(h=0,d=Math.min(Math.max(-r,-c),r),m=d*(d+2*c)+l):(h=Math.max(0,-(a*r+o)),d=h>0?r:Math.min(Math.max(-r,-c),r),m=-h*h+d*(d+2*c)+l);else d=a>0?-r:r,h=Math.max(0,-(a*d+o)),m=-h*h+d*(d+2*c)+l;return n&&n.copy(this.origin).addScaledVector(this.direction,h),s&&s.copy(Kl).addScaledVector(wa,d),m}intersectSphere(t,e){if(t.radius<0)return null;di.subVectors(t.center,this.origin);let n=di.dot(this.direction),s=di.dot(di)-n*n,r=t.radius*t.radius;if(s>r)return null;let a=Math.sqrt(r-s),o=n-a,c=n+a;return c<0?null:o<0?this.at(c,e):this.at(o,e)}intersectsSphere(t){return t.radius<0?!1:this.distanceSqToPoint(t.center)<=t.radius*t.radius}distanceToPlane(t){let e=t.normal.dot(this.direction);if(e===0)return t.distanceToPoint(this.origin)===0?0:null;let n=-(this.origin.dot(t.normal)+t.constant)/e;return n>=0?n:null}intersectPlane(t,e){let n=this.distanceToPlane(t);return n===null?null:this.at(n,e)}intersectsPlane(t){let e=t.distanceToPoint(this.origin);return e===0||t.normal.dot(this.direction)*e<0}intersectBox(t,e){let n,s,r,a,o,c,l=1/this.direction.x,u=1/this.direction.y,h=1/this.direction.z,d=this.origin;return l>=0?(n=(t.min.x-d.x)*l,s=(t.max.x-d.x)*l):(n=(t.max.x-d.x)*l,s=(t.min.x-d.x)*l),u>=0?(r=(t.min.y-d.y)*u,a=(t.max.y-d.y)*u):(r=(t.max.y-d.y)*u,a=(t.min.y-d.y)*u),n>a||r>s||((r>n||isNaN(n))&&(n=r),(a<s||isNaN(s))&&(s=a),h>=0?(o=(t.min.z-d.z)*h,c=(t.max.z-d.z)*h):(o=(t.max.z-d.z)*h,c=(t.min.z-d.z)*h),n>c||o>s)||((o>n||n!==n)&&(n=o),(c<s||s!==s)&&(s=c),s<0)?null:this.at(n>=0?n:s,e)}intersectsBox(t){return this.intersectBox(t,di)!==null}intersectTriangle(t,e,n,s,r){let a=this.origin,o=this.direction,c=o.x,l=o.y,u=o.z,h=t.x-a.x,d=t.y-a.y,m=t.z-a.z,g=e.x-a.x,v=e.y-a.y,f=e.z-a.z,p=n.x-a.x,y=n.y-a.y,M=n.z-a.z,b=Math.abs(c),w=Math.abs(l),E=Math.abs(u),x,T,N,P,D,U,$,I,G,q,k,tt;if(b>=w&&b>=E?(N=c,U=h,G=g,tt=p,c>=0?(x=l,T=u,P=d,D=m,$=v,I=f,q=y,k=M):(x=u,T=l,P=m,D=d,$=f,I=v,q=M,k=y)):w>=E?(N=l,U=d,G=v,tt=y,l>=0?(x=u,T=c,P=m,D=h,$=f,I=g,q=M,k=p):(x=c,T=u,P=h,D=m,$=g,I=f,q=p,k=M)):(N=u,U=m,G=f,tt=M,u>=0?(x=c,T=l,P=h,D=d,$=g,I=v,q=p,k=y):(x=l,T=c,P=d,D=h,$=v,I=g,q=y,k=p)),N===0)return null;let H=x/N,Q=T/N,j=1/N,yt=P-H*U,Tt=D-Q*U,W=$-H*G,et=I-Q*G,ht=q-H*tt,vt=k-Q*tt,ot=ht*et-vt*W,Ct=yt*vt-Tt*ht,le=W*Tt-et*yt;if(s){if(ot<0||Ct<0||le<0)return null}else if((ot<0||Ct<0||le<0)&&(ot>0||Ct>0||le>0))return null;let Et=ot+Ct+le;if(Et===0)return null;let Ft=j*(ot*U+Ct*G+le*tt);return(Et>0?Ft<0:Ft>0)?null:this.at(Ft/Et,r)}applyMatrix4(t){return this.origin.applyMatrix4(t),this.direction.transformDirection(t),this}equals(t){return t.origin.equals(this.origin)&&t.direction.equals(this.direction)}clone(){return new this.constructor().copy(this)}},to=class extends Li{constructor(t){super(),this.isMeshBasicMaterial=!0,this.type="MeshBasicMaterial",this.color=new Ot(16777215),this.map=null,this.lightMap=null,this.lightMapIntensity=1,this.aoMap=null,this.aoMapIntensity=1,this.specularMap=null,this.alphaMap=null,this.envMap=null,this.envMapRotation=new In,this.combine=uc,this.reflectivity=1,this.refractionRatio=.98,this.wireframe=!1,this.wireframeLinewidth=1,this.wireframeLinecap="round",this.wireframeLinejoin="round",this.fog=!0,this.setValues(t)}copy(t){return super.copy(t),this.color.copy(t.color),this.map=t.map,this.lightMap=t.lightMap,this.lightMapIntensity=t.lightMapIntensity,this.aoMap=t.aoMap,this.aoMapIntensity=t.aoMapIntensity,this.specularMap=t.specularMap,this.alphaMap=t.alphaMap,this.envMap=t.envMap,this.envMapRotation.copy(t.envMapRotation),this.combine=t.combine,this.reflectivity=t.reflectivity,this.refractionRatio=t.refractionRatio,this.wireframe=t.wireframe,this.wireframeLinewidth=t.wireframeLinewidth,this.wireframeLinecap=t.wireframeLinecap,this.wireframeLinejoin=t.wireframeLinejoin,this.fog=t.fog,this}},zh=new ie,Zi=new ja,Ea=new Ls,Bh=new C,Aa=new C,Ra=new C,Ca=new C,Zl=new C,Ia=new C,kh=new C,Pa=new C,rn=class extends je{constructor(t=new Vn,e=new to){super(),this.isMesh=!0,this.type="Mesh",this.geometry=t,this.material=e,this.morphTargetDictionary=void 0,this.morphTargetInfluences=void 0,this.count=1,this.updateMorphTargets()}copy(t,e){return super.copy(t,e),t.morphTargetInfluences!==void 0?this.morphTargetInfluences=t.morphTargetInfluences.slice():this.morphTargetInfluences=void 0,t.morphTargetDictionary!==void 0?this.morphTargetDictionary=Object.assign({},t.morphTargetDictionary):this.morphTargetDictionary=void 0,this.material=Array.isArray(t.material)?t.material.slice():t.material,this.geometry=t.geometry,this}updateMorphTargets(){let e=this.geometry.morphAttributes,n=Object.keys(e);if(n.length>0){let s=e[n[0]];if(s!==void 0){this.morphTargetInfluences=[],this.morphTargetDictionary={};for(let r=0,a=s.length;r<a;r++){let o=s[r].name||String(r);this.morphTargetInfluences.push(0),this.morphTargetDictionary[o]=r}}}}getVertexPosition(t,e){let n=this.geometry,s=n.attributes.position,r=n.morphAttributes.position,a=n.morphTargetsRelative;e.fromBufferAttribute(s,t);let o=this.morphTargetInfluences;if(r&&o){Ia.set(0,0,0);for(let c=0,l=r.length;c<l;c++){let u=o[c],h=r[c];u!==0&&(Zl.fromBufferAttribute(h,t),a?Ia.addScaledVector(Zl,u):Ia.addScaledVector(Zl.sub(e),u))}e.add(Ia)}return e}intersectsFrustum(t){return t.intersectsObject(this)}raycast(t,e){let n=this.geometry,s=this.material,r=this.matrixWorld;s!==void 0&&(n.boundingSphere===null&&n.computeBoundingSphere(),Ea.copy(n.boundingSphere),Ea.applyMatrix4(r),Zi.copy(t.ray).recast(t.near),!(Ea.containsPoint(Zi.origin)===!1&&(Zi.intersectSphere(Ea,Bh)===null||Zi.origin.distanceToSquared(Bh)>(t.far-t.near)**2))&&(zh.copy(r).invert(),Zi.copy(t.ray).applyMatrix4(zh),!(n.boundingBox!==null&&Zi.intersectsBox(n.boundingBox)===!1)&&this._computeIntersections(t,e,Zi)))}_computeIntersections(t,e,n){let s,r=this.geometry,a=this.material,o=r.index,c=r.attributes.position,l=r.attributes.uv,u=r.attributes.uv1,h=r.attributes.normal,d=r.groups,m=r.drawRange;if(o!==null)if(Array.isArray(a))for(let g=0,v=d.length;g<v;g++){let f=d[g],p=a[f.materialIndex],y=Math.max(f.start,m.start),M=Math.min(o.count,Math.min(f.start+f.count,m.start+m.count));for(let b=y,w=M;b<w;b+=3){let E=o.getX(b),x=o.getX(b+1),T=o.getX(b+2);s=Da(this,p,t,n,l,u,h,E,x,T),s&&(s.faceIndex=Math.floor(b/3),s.face.materialIndex=f.materialIndex,e.push(s))}}else{let g=Math.max(0,m.start),v=Math.min(o.count,m.start+m.count);for(let f=g,p=v;f<p;f+=3){let y=o.getX(f),M=o.getX(f+1),b=o.getX(f+2);s=Da(this,a,t,n,l,u,h,y,M,b),s&&(s.faceIndex=Math.floor(f/3),e.push(s))}}else if(c!==void 0)if(Array.isArray(a))for(let g=0,v=d.length;g<v;g++){let f=d[g],p=a[f.materialIndex],y=Math.max(f.start,m.start),M=Math.min(c.count,Math.min(f.start+f.count,m.start+m.count));for(let b=y,w=M;b<w;b+=3){let E=b,x=b+1,T=b+2;s=Da(this,p,t,n,l,u,h,E,x,T),s&&(s.faceIndex=Math.floor(b/3),s.face.materialIndex=f.materialIndex,e.push(s))}}else{let g=Math.max(0,m.start),v=Math.min(c.count,m.start+m.count);for(let f=g,p=v;f<p;f+=3){let y=f,M=f+1,b=f+2;s=Da(this,a,t,n,l,u,h,y,M,b),s&&(s.faceIndex=Math.floor(f/3),e.push(s))}}}};function qp(i,t,e,n,s,r,a,o){let c;if(t.side===an?c=n.intersectTriangle(a,r,s,!0,o):c=n.intersectTriangle(s,r,a,t.side===Bi,o),c===null)return null;Pa.copy(o),Pa.applyMatrix4(i.matrixWorld);let l=e.ray.origin.distanceTo(Pa);return l<e.near||l>e.far?null:{distance:l,point:Pa.clone(),object:i}}function Da(i,t,e,n,s,r,a,o,c,l){i.getVertexPosition(o,Aa),i.getVertexPosition(c,Ra),i.getVertexPosition(l,Ca);let u=qp(i,t,e,n,Aa,Ra,Ca,kh);if(u){let h=new C;Di.getBarycoord(kh,Aa,Ra,Ca,h),s&&(u.uv=Di.getInterpolatedAttribute(s,o,c,l,h,new Wt)),r&&(u.uv1=Di.getInterpolatedAttribute(r,o,c,l,h,new Wt)),a&&(u.normal=Di.getInterpolatedAttribute(a,o,c,l,h,new C),u.normal.dot(n.direction)>0&&u.normal.multiplyScalar(-1));let d={a:o,b:c,c:l,normal:new C,materialIndex:0};Di.getNormal(Aa,Ra,Ca,d.normal),u.face=d,u.barycoord=h}return u}var gn=class extends cn{constructor(t=null,e=1,n=1,s,r,a,o,c,l=me,u=me,h,d){super(null,a,o,c,l,u,s,r,h,d),this.isDataTexture=!0,this.image={data:t,width:e,height:n},this.generateMipmaps=!1,this.flipY=!1,this.unpackAlignment=1}};var Qi=new Ls,Xp=new Wt(.5,.5),La=new C,es=class{constructor(t=new Hn,e=new Hn,n=new Hn,s=new Hn,r=new Hn,a=new Hn){this.planes=[t,e,n,s,r,a]}set(t,e,n,s,r,a){let o=this.planes;return o[0].copy(t),o[1].copy(e),o[2].copy(n),o[3].copy(s),o[4].copy(r),o[5].copy(a),this}copy(t){let e=this.planes;for(let n=0;n<6;n++)e[n].copy(t.planes[n]);return this}setFromProjectionMatrix(t,e=Cn,n=!1){let s=this.planes,r=t.elements,a=r[0],o=r[1],c=r[2],l=r[3],u=r[4],h=r[5],d=r[6],m=r[7],g=r[8],v=r[9],f=r[10],p=r[11],y=r[12],M=r[13],b=r[14],w=r[15];if(s[0].setComponents(l-a,m-u,p-g,w-y).normalize(),s[1].setComponents(l+a,m+u,p+g,w+y).normalize(),s[2].setComponents(l+o,m+h,p+v,w+M).normalize(),s[3].setComponents(l-o,m-h,p-v,w-M).normalize(),n)s[4].setComponents(c,d,f,b).normalize(),s[5].setComponents(l-c,m-d,p-f,w-b).normalize();else if(s[4].setComponents(l-c,m-d,p-f,w-b).normalize(),e===Cn)s[5].setComponents(l+c,m+d,p+f,w+b).normalize();else if(e===Sr)s[5].setComponents(c,d,f,b).normalize();else throw new Error("THREE.Frustum.setFromProjectionMatrix(): Invalid coordinate system: "+e);return this}intersectsObject(t){if(t.boundingSphere!==void 0)t.boundingSphere===null&&t.computeBoundingSphere(),Qi.copy(t.boundingSphere).applyMatrix4(t.matrixWorld);else{let e=t.geometry;e.boundingSphere===null&&e.computeBoundingSphere(),Qi.copy(e.boundingSphere).applyMatrix4(t.matrixWorld)}return this.intersectsSphere(Qi)}intersectsSprite(t){Qi.center.set(0,0,0);let e=Xp.distanceTo(t.center);return Qi.radius=.7071067811865476+e,Qi.applyMatrix4(t.matrixWorld),this.intersectsSphere(Qi)}intersectsSphere(t){let e=this.planes,n=t.center,s=-t.radius;for(let r=0;r<6;r++)if(e[r].distanceToPoint(n)<s)return!1;return!0}intersectsBox(t){let e=this.planes;for(let n=0;n<6;n++){let s=e[n];if(La.x=s.normal.x>0?t.max.x:t.min.x,La.y=s.normal.y>0?t.max.y:t.min.y,La.z=s.normal.z>0?t.max.z:t.min.z,s.distanceToPoint(La)<0)return!1}return!0}containsPoint(t){let e=this.planes;for(let n=0;n<6;n++)if(e[n].distanceToPoint(t)<0)return!1;return!0}clone(){return new this.constructor().copy(this)}},Hh=new ie,eo=class i{constructor(){this.coordinateSystem=Cn,this._frustums=[],this._count=0}setFromArrayCamera(t){let e=t.cameras,n=this._frustums;for(let s=0;s<e.length;s++){let r=e[s];Hh.multiplyMatrices(r.projectionMatrix,r.matrixWorldInverse),n[s]===void 0&&(n[s]=new es),n[s].setFromProjectionMatrix(Hh,r.coordinateSystem,r.reversedDepth)}return this._count=e.length,this}getFrustum(t){return this._frustums[t]}intersectsObject(t){let e=this._frustums;for(let n=0;n<this._count;n++)if(e[n].intersectsObject(t))return!0;return!1}intersectsSprite(t){let e=this._frustums;for(let n=0;n<this._count;n++)if(e[n].intersectsSprite(t))return!0;return!1}intersectsSphere(t){let e=this._frustums;for(let n=0;n<this._count;n++)if(e[n].intersectsSphere(t))return!0;return!1}intersectsBox(t){let e=this._frustums;for(let n=0;n<this._count;n++)if(e[n].intersectsBox(t))return!0;return!1}containsPoint(t){let e=this._frustums;for(let n=0;n<this._count;n++)if(e[n].containsPoint(t))return!0;return!1}copy(t){this.coordinateSystem=t.coordinateSystem;let e=this._frustums,n=t._frustums;for(let s=0;s<t._count;s++)e[s]===void 0&&(e[s]=new es),e[s].copy(n[s]);return this._count=t._count,this}clone(){return new i().copy(this)}};var Ar=class extends cn{constructor(t=[],e=as,n,s,r,a,o,c,l,u){super(t,e,n,s,r,a,o,c,l,u),this.isCubeTexture=!0,this.flipY=!1}get images(){return this.image}set images(t){this.image=t}};var gi=class extends cn{constructor(t,e,n=Ht,s,r,a,o=me,c=me,l,u=mi,h=1){if(u!==mi&&u!==vi)throw new Error("THREE.DepthTexture: format must be either THREE.DepthFormat or THREE.DepthStencilFormat");let d={width:t,height:e,depth:h};super(d,s,r,a,o,c,u,n,l),this.isDepthTexture=!0,this.flipY=!1,this.generateMipmaps=!1,this.compareFunction=null}copy(t){return super.copy(t),this.source=new Ps(Object.assign({},t.image)),this.compareFunction=t.compareFunction,this}toJSON(t){let e=super.toJSON(t);return e.compareFunction=this.compareFunction,e}},Rr=class extends gi{constructor(t,e=Ht,n=as,s,r,a=me,o=me,c,l=mi){let u={width:t,height:t,depth:1},h=[u,u,u,u,u,u];super(t,t,e,n,s,r,a,o,c,l),this.image=h,this.isCubeDepthTexture=!0,this.isCubeTexture=!0}get images(){return this.image}set images(t){this.image=t}},Cr=class extends cn{constructor(t=null){super(),this.sourceTexture=t,this.isExternalTexture=!0}copy(t){return super.copy(t),this.sourceTexture=t.sourceTexture,this}},Fs=class i extends Vn{constructor(t=1,e=1,n=1,s=1,r=1,a=1){super(),this.type="BoxGeometry",this.parameters={width:t,height:e,depth:n,widthSegments:s,heightSegments:r,depthSegments:a};let o=this;s=Math.floor(s),r=Math.floor(r),a=Math.floor(a);let c=[],l=[],u=[],h=[],d=0,m=0;g("z","y","x",-1,-1,n,e,t,a,r,0),g("z","y","x",1,-1,n,e,-t,a,r,1),g("x","z","y",1,1,t,n,e,s,a,2),g("x","z","y",1,-1,t,n,-e,s,a,3),g("x","y","z",1,-1,t,e,n,s,r,4),g("x","y","z",-1,-1,t,e,-n,s,r,5),this.setIndex(c),this.setAttribute("position",new sn(l,3)),this.setAttribute("normal",new sn(u,3)),this.setAttribute("uv",new sn(h,2));function g(v,f,p,y,M,b,w,E,x,T,N){let P=b/x,D=w/T,U=b/2,$=w/2,I=E/2,G=x+1,q=T+1,k=0,tt=0,H=new C;for(let Q=0;Q<q;Q++){let j=Q*D-$;for(let yt=0;yt<G;yt++){let Tt=yt*P-U;H[v]=Tt*y,H[f]=j*M,H[p]=I,l.push(H.x,H.y,H.z),H[v]=0,H[f]=0,H[p]=E>0?1:-1,u.push(H.x,H.y,H.z),h.push(yt/x),h.push(1-Q/T),k+=1}}for(let Q=0;Q<T;Q++)for(let j=0;j<x;j++){let yt=d+j+G*Q,Tt=d+j+G*(Q+1),W=d+(j+1)+G*(Q+1),et=d+(j+1)+G*Q;c.push(yt,Tt,et),c.push(Tt,W,et),tt+=6}o.addGroup(m,tt,N),m+=tt,d+=k}}copy(t){return super.copy(t),this.parameters=Object.assign({},t.parameters),this}static fromJSON(t){return new i(t.width,t.height,t.depth,t.widthSegments,t.heightSegments,t.depthSegments)}};var Ir=class i extends Vn{constructor(t=1,e=1,n=1,s=1){super(),this.type="PlaneGeometry",this.parameters={width:t,height:e,widthSegments:n,heightSegments:s};let r=t/2,a=e/2,o=Math.floor(n),c=Math.floor(s),l=o+1,u=c+1,h=t/o,d=e/c,m=[],g=[],v=[],f=[];for(let p=0;p<u;p++){let y=p*d-a;for(let M=0;M<l;M++){let b=M*h-r;g.push(b,-y,0),v.push(0,0,1),f.push(M/o),f.push(1-p/c)}}for(let p=0;p<c;p++)for(let y=0;y<o;y++){let M=y+l*p,b=y+l*(p+1),w=y+1+l*(p+1),E=y+1+l*p;m.push(M,b,E),m.push(b,w,E)}this.setIndex(m),this.setAttribute("position",new sn(g,3)),this.setAttribute("normal",new sn(v,3)),this.setAttribute("uv",new sn(f,2))}copy(t){return super.copy(t),this.parameters=Object.assign({},t.parameters),this}static fromJSON(t){return new i(t.width,t.height,t.widthSegments,t.heightSegments)}};function ls(i){let t={};for(let e in i){t[e]={};for(let n in i[e]){let s=i[e][n];if(Vh(s))s.isRenderTargetTexture?(Dt("UniformsUtils: Textures of render targets cannot be cloned via cloneUniforms() or mergeUniforms()."),t[e][n]=null):t[e][n]=s.clone();else if(Array.isArray(s))if(Vh(s[0])){let r=[];for(let a=0,o=s.length;a<o;a++)r[a]=s[a].clone();t[e][n]=r}else t[e][n]=s.slice();else t[e][n]=s}}return t}function tn(i){let t={};for(let e=0;e<i.length;e++){let n=ls(i[e]);for(let s in n)t[s]=n[s]}return t}function Vh(i){return i&&(i.isColor||i.isMatrix3||i.isMatrix4||i.isVector2||i.isVector3||i.isVector4||i.isTexture||i.isQuaternion)}function Yp(i){let t=[];for(let e=0;e<i.length;e++)t.push(i[e].clone());return t}function Dc(i){let t=i.getRenderTarget();return t===null?i.outputColorSpace:t.isXRRenderTarget===!0?t.texture.colorSpace:qt.workingColorSpace}var Ld={clone:ls,merge:tn},Kp=`void main() {
	gl_Position = projectionMatrix * modelViewMatrix * vec4( position, 1.0 );
}`,Zp=`void main() {
	gl_FragColor = vec4( 1.0, 0.0, 0.0, 1.0 );
}`,Pn=class extends Li{constructor(t){super(),this.isShaderMaterial=!0,this.type="ShaderMaterial",this.defines={},this.uniforms={},this.uniformsGroups=[],this.vertexShader=Kp,this.fragmentShader=Zp,this.linewidth=1,this.wireframe=!1,this.wireframeLinewidth=1,this.fog=!1,this.lights=!1,this.clipping=!1,this.forceSinglePass=!0,this.extensions={clipCullDistance:!1,multiDraw:!1},this.defaultAttributeValues={color:[1,1,1],uv:[0,0],uv1:[0,0]},this.index0AttributeName=void 0,this.uniformsNeedUpdate=!1,this.glslVersion=null,t!==void 0&&this.setValues(t)}copy(t){return super.copy(t),this.fragmentShader=t.fragmentShader,this.vertexShader=t.vertexShader,this.uniforms=ls(t.uniforms),this.uniformsGroups=Yp(t.uniformsGroups),this.defines=Object.assign({},t.defines),this.wireframe=t.wireframe,this.wireframeLinewidth=t.wireframeLinewidth,this.fog=t.fog,this.lights=t.lights,this.clipping=t.clipping,this.extensions=Object.assign({},t.extensions),this.glslVersion=t.glslVersion,this.defaultAttributeValues=Object.assign({},t.defaultAttributeValues),this.index0AttributeName=t.index0AttributeName,this.uniformsNeedUpdate=t.uniformsNeedUpdate,this}toJSON(t){let e=super.toJSON(t);e.glslVersion=this.glslVersion,e.uniforms={};for(let s in this.uniforms){let a=this.uniforms[s].value;a&&a.isTexture?e.uniforms[s]={type:"t",value:a.toJSON(t).uuid}:a&&a.isColor?e.uniforms[s]={type:"c",value:a.getHex()}:a&&a.isVector2?e.uniforms[s]={type:"v2",value:a.toArray()}:a&&a.isVector3?e.uniforms[s]={type:"v3",value:a.toArray()}:a&&a.isVector4?e.uniforms[s]={type:"v4",value:a.toArray()}:a&&a.isMatrix3?e.uniforms[s]={type:"m3",value:a.toArray()}:a&&a.isMatrix4?e.uniforms[s]={type:"m4",value:a.toArray()}:e.uniforms[s]={value:a}}Object.keys(this.defines).length>0&&(e.defines=this.defines),e.vertexShader=this.vertexShader,e.fragmentShader=this.fragmentShader,e.lights=this.lights,e.clipping=this.clipping;let n={};for(let s in this.extensions)this.extensions[s]===!0&&(n[s]=!0);return Object.keys(n).length>0&&(e.extensions=n),e}fromJSON(t,e){if(super.fromJSON(t,e),t.uniforms!==void 0)for(let n in t.uniforms){let s=t.uniforms[n];switch(this.uniforms[n]={},s.type){case"t":this.uniforms[n].value=e[s.value]||null;break;case"c":this.uniforms[n].value=new Ot().setHex(s.value);break;case"v2":this.uniforms[n].value=new Wt().fromArray(s.value);break;case"v3":this.uniforms[n].value=new C().fromArray(s.value);break;case"v4":this.uniforms[n].value=new Qt().fromArray(s.value);break;case"m3":this.uniforms[n].value=new It().fromArray(s.value);break;case"m4":this.uniforms[n].value=new ie().fromArray(s.value);break;default:this.uniforms[n].value=s.value}}if(t.defines!==void 0&&(this.defines=t.defines),t.vertexShader!==void 0&&(this.vertexShader=t.vertexShader),t.fragmentShader!==void 0&&(this.fragmentShader=t.fragmentShader),t.glslVersion!==void 0&&(this.glslVersion=t.glslVersion),t.extensions!==void 0)for(let n in t.extensions)this.extensions[n]=t.extensions[n];return t.lights!==void 0&&(this.lights=t.lights),t.clipping!==void 0&&(this.clipping=t.clipping),this}},xi=class extends Pn{constructor(t){super(t),this.isRawShaderMaterial=!0,this.type="RawShaderMaterial"}},Ns=class extends Li{constructor(t){super(),this.isMeshStandardMaterial=!0,this.type="MeshStandardMaterial",this.defines={STANDARD:""},this.color=new Ot(16777215),this.roughness=1,this.metalness=0,this.map=null,this.lightMap=null,this.lightMapIntensity=1,this.aoMap=null,this.aoMapIntensity=1,this.emissive=new Ot(0),this.emissiveIntensity=1,this.emissiveMap=null,this.bumpMap=null,this.bumpScale=1,this.normalMap=null,this.normalMapType=Jo,this.normalScale=new Wt(1,1),this.displacementMap=null,this.displacementScale=1,this.displacementBias=0,this.roughnessMap=null,this.metalnessMap=null,this.alphaMap=null,this.envMap=null,this.envMapRotation=new In,this.envMapIntensity=1,this.wireframe=!1,this.wireframeLinewidth=1,this.wireframeLinecap="round",this.wireframeLinejoin="round",this.flatShading=!1,this.fog=!0,this.setValues(t)}copy(t){return super.copy(t),this.defines={STANDARD:""},this.color.copy(t.color),this.roughness=t.roughness,this.metalness=t.metalness,this.map=t.map,this.lightMap=t.lightMap,this.lightMapIntensity=t.lightMapIntensity,this.aoMap=t.aoMap,this.aoMapIntensity=t.aoMapIntensity,this.emissive.copy(t.emissive),this.emissiveMap=t.emissiveMap,this.emissiveIntensity=t.emissiveIntensity,this.bumpMap=t.bumpMap,this.bumpScale=t.bumpScale,this.normalMap=t.normalMap,this.normalMapType=t.normalMapType,this.normalScale.copy(t.normalScale),this.displacementMap=t.displacementMap,this.displacementScale=t.displacementScale,this.displacementBias=t.displacementBias,this.roughnessMap=t.roughnessMap,this.metalnessMap=t.metalnessMap,this.alphaMap=t.alphaMap,this.envMap=t.envMap,this.envMapRotation.copy(t.envMapRotation),this.envMapIntensity=t.envMapIntensity,this.wireframe=t.wireframe,this.wireframeLinewidth=t.wireframeLinewidth,this.wireframeLinecap=t.wireframeLinecap,this.wireframeLinejoin=t.wireframeLinejoin,this.flatShading=t.flatShading,this.fog=t.fog,this}};var no=class extends Li{constructor(t){super(),this.isMeshDepthMaterial=!0,this.type="MeshDepthMaterial",this.depthPacking=yd,this.map=null,this.alphaMap=null,this.displacementMap=null,this.displacementScale=1,this.displacementBias=0,this.wireframe=!1,this.wireframeLinewidth=1,this.setValues(t)}copy(t){return super.copy(t),this.depthPacking=t.depthPacking,this.map=t.map,this.alphaMap=t.alphaMap,this.displacementMap=t.displacementMap,this.displacementScale=t.displacementScale,this.displacementBias=t.displacementBias,this.wireframe=t.wireframe,this.wireframeLinewidth=t.wireframeLinewidth,this}},io=class extends Li{constructor(t){super(),this.isMeshDistanceMaterial=!0,this.type="MeshDistanceMaterial",this.map=null,this.alphaMap=null,this.displacementMap=null,this.displacementScale=1,this.displacementBias=0,this.setValues(t)}copy(t){return super.copy(t),this.map=t.map,this.alphaMap=t.alphaMap,this.displacementMap=t.displacementMap,this.displacementScale=t.displacementScale,this.displacementBias=t.displacementBias,this}};function Ts(i,t){return!i||i.constructor===t?i:typeof t.BYTES_PER_ELEMENT=="number"?new t(i):Array.prototype.slice.call(i)}function Fa(i){return i!==void 0&&i.inTangents!==void 0&&i.outTangents!==void 0}var Fi=class{constructor(t,e,n,s){this.parameterPositions=t,this._cachedIndex=0,this.resultBuffer=s!==void 0?s:new e.constructor(n),this.sampleValues=e,this.valueSize=n,this.settings=null,this.DefaultSettings_={}}evaluate(t){let e=this.parameterPositions,n=this._cachedIndex,s=e[n],r=e[n-1];n:{t:{let a;e:{i:if(!(t<s)){for(let o=n+2;;){if(s===void 0){if(t<r)break i;return n=e.length,this._cachedIndex=n,this.copySampleValue_(n-1)}if(n===o)break;if(r=s,s=e[++n],t<s)break t}a=e.length;break e}if(!(t>=r)){let o=e[1];t<o&&(n=2,r=o);for(let c=n-2;;){if(r===void 0)return this._cachedIndex=0,this.copySampleValue_(0);if(n===c)break;if(s=r,r=e[--n-1],t>=r)break t}a=n,n=0;break e}break n}for(;n<a;){let o=n+a>>>1;t<e[o]?a=o:n=o+1}if(s=e[n],r=e[n-1],r===void 0)return this._cachedIndex=0,this.copySampleValue_(0);if(s===void 0)return n=e.length,this._cachedIndex=n,this.copySampleValue_(n-1)}this._cachedIndex=n,this.intervalChanged_(n,r,s)}return this.interpolate_(n,r,t,s)}getSettings_(){return this.settings||this.DefaultSettings_}copySampleValue_(t){let e=this.resultBuffer,n=this.sampleValues,s=this.valueSize,r=t*s;for(let a=0;a!==s;++a)e[a]=n[r+a];return e}interpolate_(){throw new Error("THREE.Interpolant: Call to abstract method.")}intervalChanged_(){}},so=class extends Fi{constructor(t,e,n,s){super(t,e,n,s),this._weightPrev=-0,this._offsetPrev=-0,this._weightNext=-0,this._offsetNext=-0,this.DefaultSettings_={endingStart:Jl,endingEnd:Jl}}intervalChanged_(t,e,n){let s=this.parameterPositions,r=t-2,a=t+1,o=s[r],c=s[a];if(o===void 0)switch(this.getSettings_().endingStart){case jl:r=t,o=2*e-n;break;case tc:r=s.length-2,o=e+s[r]-s[r+1];break;default:r=t,o=n}if(c===void 0)switch(this.getSettings_().endingEnd){case jl:a=t,c=2*n-e;break;case tc:a=1,c=n+s[1]-s[0];break;default:a=t-1,c=e}let l=(n-e)*.5,u=this.valueSize;this._weightPrev=l/(e-o),this._weightNext=l/(c-n),this._offsetPrev=r*u,this._offsetNext=a*u}interpolate_(t,e,n,s){let r=this.resultBuffer,a=this.sampleValues,o=this.valueSize,c=t*o,l=c-o,u=this._offsetPrev,h=this._offsetNext,d=this._weightPrev,m=this._weightNext,g=(n-e)/(s-e),v=g*g,f=v*g,p=-d*f+2*d*v-d*g,y=(1+d)*f+(-1.5-2*d)*v+(-.5+d)*g+1,M=(-1-m)*f+(1.5+m)*v+.5*g,b=m*f-m*v;for(let w=0;w!==o;++w)r[w]=p*a[u+w]+y*a[l+w]+M*a[c+w]+b*a[h+w];return r}},ro=class extends Fi{constructor(t,e,n,s){super(t,e,n,s)}interpolate_(t,e,n,s){let r=this.resultBuffer,a=this.sampleValues,o=this.valueSize,c=t*o,l=c-o,u=(n-e)/(s-e),h=1-u;for(let d=0;d!==o;++d)r[d]=a[l+d]*h+a[c+d]*u;return r}},ao=class extends Fi{constructor(t,e,n,s){super(t,e,n,s)}interpolate_(t){return this.copySampleValue_(t-1)}},oo=class extends Fi{interpolate_(t,e,n,s){let r=this.resultBuffer,a=this.sampleValues,o=this.valueSize,c=t*o,l=c-o,u=this.inTangents,h=this.outTangents;if(!u||!h){let g=(n-e)/(s-e),v=1-g;for(let f=0;f!==o;++f)r[f]=a[l+f]*v+a[c+f]*g;return r}let d=o*2,m=t-1;for(let g=0;g!==o;++g){let v=a[l+g],f=a[c+g],p=m*d+g*2,y=h[p],M=h[p+1],b=t*d+g*2,w=u[b],E=u[b+1],x=Jp(n,e,y,w,s);r[g]=Fd(x,v,M,E,f)}return r}};function Fd(i,t,e,n,s){let r=1-i;return r*r*r*t+3*r*r*i*e+3*r*i*i*n+i*i*i*s}function Qp(i,t,e,n,s){let r=1-i;return 3*r*r*(e-t)+6*r*i*(n-e)+3*i*i*(s-n)}function Jp(i,t,e,n,s){let r=(i-t)/(s-t);for(let a=0;a<8;a++){let o=Fd(r,t,e,n,s)-i;if(Math.abs(o)<1e-10)break;let c=Qp(r,t,e,n,s);if(Math.abs(c)<1e-10)break;r=Math.max(0,Math.min(1,r-o/c))}return r}var xn=class{constructor(t,e,n,s){if(t===void 0)throw new Error("THREE.KeyframeTrack: track name is undefined");if(e===void 0||e.length===0)throw new Error("THREE.KeyframeTrack: no keyframes in track named "+t);this.name=t,this.times=Ts(e,this.TimeBufferType),this.values=Ts(n,this.ValueBufferType),this.setInterpolation(s||this.DefaultInterpolation)}static toJSON(t){let e=t.constructor,n;if(e.toJSON!==this.toJSON)n=e.toJSON(t);else{n={name:t.name,times:Ts(t.times,Array),values:Ts(t.values,Array)};let s=t.getInterpolation();s!==t.DefaultInterpolation&&(n.interpolation=s),Fa(t.settings)&&(n.settings={inTangents:Ts(t.settings.inTangents,Array),outTangents:Ts(t.settings.outTangents,Array)})}return n.type=t.ValueTypeName,n}InterpolantFactoryMethodDiscrete(t){return new ao(this.times,this.values,this.getValueSize(),t)}InterpolantFactoryMethodLinear(t){return new ro(this.times,this.values,this.getValueSize(),t)}InterpolantFactoryMethodSmooth(t){return new so(this.times,this.values,this.getValueSize(),t)}InterpolantFactoryMethodBezier(t){let e=new oo(this.times,this.values,this.getValueSize(),t);return this.settings&&(e.inTangents=this.settings.inTangents,e.outTangents=this.settings.outTangents),e}setInterpolation(t){let e;switch(t){case vr:e=this.InterpolantFactoryMethodDiscrete;break;case Ya:e=this.InterpolantFactoryMethodLinear;break;case Oa:e=this.InterpolantFactoryMethodSmooth;break;case Ql:e=this.InterpolantFactoryMethodBezier;break}if(e===void 0){let n="unsupported interpolation for "+this.ValueTypeName+" keyframe track named "+this.name;if(this.createInterpolant===void 0)if(t!==this.DefaultInterpolation)this.setInterpolation(this.DefaultInterpolation);else throw new Error(n);return Dt("KeyframeTrack:",n),this}return this.createInterpolant=e,this}getInterpolation(){switch(this.createInterpolant){case this.InterpolantFactoryMethodDiscrete:return vr;case this.InterpolantFactoryMethodLinear:return Ya;case this.InterpolantFactoryMethodSmooth:return Oa;case this.InterpolantFactoryMethodBezier:return Ql}}getValueSize(){return this.values.length/this.times.length}shift(t){if(t!==0){let e=this.times;for(let n=0,s=e.length;n!==s;++n)e[n]+=t;Fa(this.settings)&&(Gh(this.settings.inTangents,t),Gh(this.settings.outTangents,t))}return this}scale(t){if(t!==1){let e=this.times;for(let n=0,s=e.length;n!==s;++n)e[n]*=t;Fa(this.settings)&&($h(this.settings.inTangents,t),$h(this.settings.outTangents,t))}return this}trim(t,e){let n=this.times,s=n.length,r=0,a=s-1;for(;r!==s&&n[r]<t;)++r;for(;a!==-1&&n[a]>e;)--a;if(++a,r!==0||a!==s){r>=a&&(a=Math.max(a,1),r=a-1);let o=this.getValueSize();this.times=n.slice(r,a),this.values=this.values.slice(r*o,a*o)}return this}validate(){let t=!0,e=this.getValueSize();e-Math.floor(e)!==0&&(Lt("KeyframeTrack: Invalid value size in track.",this),t=!1);let n=this.times,s=this.values,r=n.length;r===0&&(Lt("KeyframeTrack: Track is empty.",this),t=!1);let a=null;for(let o=0;o!==r;o++){let c=n[o];if(typeof c=="number"&&isNaN(c)){Lt("KeyframeTrack: Time is not a valid number.",this,o,c),t=!1;break}if(a!==null&&a>c){Lt("KeyframeTrack: Out of order keys.",this,o,c,a),t=!1;break}a=c}if(s!==void 0&&Ep(s))for(let o=0,c=s.length;o!==c;++o){let l=s[o];if(isNaN(l)){Lt("KeyframeTrack: Value is not a valid number.",this,o,l),t=!1;break}}return t}optimize(){let t=this.times.slice(),e=this.values.slice(),n=this.getValueSize(),s=this.getInterpolation()===Oa,r=t.length-1,a=1;for(let o=1;o<r;++o){let c=!1,l=t[o],u=t[o+1];if(l!==u&&(o!==1||l!==t[0]))if(s)c=!0;else{let h=o*n,d=h-n,m=h+n;for(let g=0;g!==n;++g){let v=e[h+g];if(v!==e[d+g]||v!==e[m+g]){c=!0;break}}}if(c){if(o!==a){t[a]=t[o];let h=o*n,d=a*n;for(let m=0;m!==n;++m)e[d+m]=e[h+m]}++a}}if(r>0){t[a]=t[r];for(let o=r*n,c=a*n,l=0;l!==n;++l)e[c+l]=e[o+l];++a}return a!==t.length?(this.times=t.slice(0,a),this.values=e.slice(0,a*n)):(this.times=t,this.values=e),this}clone(){let t=this.times.slice(),e=this.values.slice(),n=this.constructor,s=new n(this.name,t,e);return s.createInterpolant=this.createInterpolant,Fa(this.settings)&&(s.settings={inTangents:this.settings.inTangents.slice(),outTangents:this.settings.outTangents.slice()}),s}};function Gh(i,t){for(let e=0,n=i.length;e!==n;e+=2)i[e]+=t}function $h(i,t){for(let e=0,n=i.length;e!==n;e+=2)i[e]*=t}xn.prototype.ValueTypeName="";xn.prototype.TimeBufferType=Float32Array;xn.prototype.ValueBufferType=Float32Array;xn.prototype.DefaultInterpolation=Ya;var Ni=class extends xn{constructor(t,e,n){super(t,e,n)}};Ni.prototype.ValueTypeName="bool";Ni.prototype.ValueBufferType=Array;Ni.prototype.DefaultInterpolation=vr;Ni.prototype.InterpolantFactoryMethodLinear=void 0;Ni.prototype.InterpolantFactoryMethodSmooth=void 0;var lo=class extends xn{constructor(t,e,n,s){super(t,e,n,s)}};lo.prototype.ValueTypeName="color";var co=class extends xn{constructor(t,e,n,s){super(t,e,n,s)}};co.prototype.ValueTypeName="number";var uo=class extends Fi{constructor(t,e,n,s){super(t,e,n,s)}interpolate_(t,e,n,s){let r=this.resultBuffer,a=this.sampleValues,o=this.valueSize,c=(n-e)/(s-e),l=t*o;for(let u=l+o;l!==u;l+=4)oe.slerpFlat(r,0,a,l-o,a,l,c);return r}},Pr=class extends xn{constructor(t,e,n,s){super(t,e,n,s)}InterpolantFactoryMethodLinear(t){return new uo(this.times,this.values,this.getValueSize(),t)}};Pr.prototype.ValueTypeName="quaternion";Pr.prototype.InterpolantFactoryMethodSmooth=void 0;var Ui=class extends xn{constructor(t,e,n){super(t,e,n)}};Ui.prototype.ValueTypeName="string";Ui.prototype.ValueBufferType=Array;Ui.prototype.DefaultInterpolation=vr;Ui.prototype.InterpolantFactoryMethodLinear=void 0;Ui.prototype.InterpolantFactoryMethodSmooth=void 0;var ho=class extends xn{constructor(t,e,n,s){super(t,e,n,s)}};ho.prototype.ValueTypeName="vector";var ec={enabled:!1,files:{},add:function(i,t){this.enabled!==!1&&(Wh(i)||(this.files[i]=t))},get:function(i){if(this.enabled!==!1&&!Wh(i))return this.files[i]},remove:function(i){delete this.files[i]},clear:function(){this.files={}}};function Wh(i){try{let t=i.slice(i.indexOf(":")+1);return new URL(t).protocol==="blob:"}catch{return!1}}var fo=class{constructor(t,e,n){let s=this,r=!1,a=0,o=0,c,l=[];this.onStart=void 0,this.onLoad=t,this.onProgress=e,this.onError=n,this._abortController=null,this.itemStart=function(u){o++,r===!1&&s.onStart!==void 0&&s.onStart(u,a,o),r=!0},this.itemEnd=function(u){a++,s.onProgress!==void 0&&s.onProgress(u,a,o),a===o&&(r=!1,s.onLoad!==void 0&&s.onLoad())},this.itemError=function(u){s.onError!==void 0&&s.onError(u)},this.resolveURL=function(u){return u=u.normalize("NFC"),c?c(u):u},this.setURLModifier=function(u){return c=u,this},this.addHandler=function(u,h){return l.push(u,h),this},this.removeHandler=function(u){let h=l.indexOf(u);return h!==-1&&l.splice(h,2),this},this.getHandler=function(u){for(let h=0,d=l.length;h<d;h+=2){let m=l[h],g=l[h+1];if(m.global&&(m.lastIndex=0),m.test(u))return g}return null},this.abort=function(){return this.abortController.abort(),this._abortController=null,this}}get abortController(){return this._abortController||(this._abortController=new AbortController),this._abortController}},Nd=new fo,ns=class{constructor(t){this.manager=t!==void 0?t:Nd,this.crossOrigin="anonymous",this.withCredentials=!1,this.path="",this.resourcePath="",this.requestHeader={},this.priority="auto",this.cache="default",typeof __THREE_DEVTOOLS__<"u"&&__THREE_DEVTOOLS__.dispatchEvent(new CustomEvent("observe",{detail:this}))}load(){}loadAsync(t,e){let n=this;return new Promise(function(s,r){n.load(t,s,e,r)})}parse(){}setCrossOrigin(t){return this.crossOrigin=t,this}setWithCredentials(t){return this.withCredentials=t,this}setPath(t){return this.path=t,this}setResourcePath(t){return this.resourcePath=t,this}setRequestHeader(t){return this.requestHeader=t,this}setPriority(t){return this.priority=t,this}setCache(t){return this.cache=t,this}abort(){return this}};ns.DEFAULT_MATERIAL_NAME="__DEFAULT";var fi={},nc=class extends Error{constructor(t,e){super(t),this.response=e}},Dr=class extends ns{constructor(t){super(t),this.mimeType="",this.responseType="",this._abortController=new AbortController}load(t,e,n,s){t===void 0&&(t=""),this.path!==void 0&&(t=this.path+t),t=this.manager.resolveURL(t);let r=ec.get(`file:${t}`);if(r!==void 0){this.manager.itemStart(t),setTimeout(()=>{e&&e(r),this.manager.itemEnd(t)},0);return}if(fi[t]!==void 0){fi[t].push({onLoad:e,onProgress:n,onError:s});return}fi[t]=[],fi[t].push({onLoad:e,onProgress:n,onError:s});let a=new Request(t,{headers:new Headers(this.requestHeader),credentials:this.withCredentials?"include":"same-origin",priority:this.priority,cache:this.cache,signal:typeof AbortSignal.any=="function"?AbortSignal.any([this._abortController.signal,this.manager.abortController.signal]):this._abortController.signal}),o=this.mimeType,c=this.responseType;fetch(a).then(l=>{if(l.status===200||l.status===0){if(l.status===0&&Dt("FileLoader: HTTP Status 0 received."),typeof ReadableStream>"u"||l.body===void 0||l.body.getReader===void 0)return l;let u=fi[t],h=l.body.getReader(),d=l.headers.get("X-File-Size")||l.headers.get("Content-Length"),m=d?parseInt(d):0,g=m!==0,v=0,f=new ReadableStream({start(p){y();function y(){h.read().then(({done:M,value:b})=>{if(M)p.close();else{v+=b.byteLength;let w=new ProgressEvent("progress",{lengthComputable:g,loaded:v,total:m});for(let E=0,x=u.length;E<x;E++){let T=u[E];T.onProgress&&T.onProgress(w)}p.enqueue(b),y()}},M=>{p.error(M)})}}});return new Response(f)}else throw new nc(`fetch for "${l.url}" responded with ${l.status}: ${l.statusText}`,l)}).then(l=>{switch(c){case"arraybuffer":return l.arrayBuffer();case"blob":return l.blob();case"document":return l.text().then(u=>new DOMParser().parseFromString(u,o));case"json":return l.json();default:if(o==="")return l.text();{let h=/charset="?([^;"\s]*)"?/i.exec(o),d=h&&h[1]?h[1].toLowerCase():void 0,m=new TextDecoder(d);return l.arrayBuffer().then(g=>m.decode(g))}}}).then(l=>{ec.add(`file:${t}`,l);let u=fi[t];delete fi[t];for(let h=0,d=u.length;h<d;h++){let m=u[h];m.onLoad&&m.onLoad(l)}}).catch(l=>{let u=fi[t];if(u===void 0)throw this.manager.itemError(t),l;delete fi[t];for(let h=0,d=u.length;h<d;h++){let m=u[h];m.onError&&m.onError(l)}this.manager.itemError(t)}).finally(()=>{this.manager.itemEnd(t)}),this.manager.itemStart(t)}setResponseType(t){return this.responseType=t,this}setMimeType(t){return this.mimeType=t,this}abort(){return this._abortController.abort(),this._abortController=new AbortController,this}};var Na=new C,Ua=new oe,Zn=new C,is=class extends je{constructor(){super(),this.isCamera=!0,this.type="Camera",this.matrixWorldInverse=new ie,this.projectionMatrix=new ie,this.projectionMatrixInverse=new ie,this.coordinateSystem=Cn,this._reversedDepth=!1}get reversedDepth(){return this._reversedDepth}copy(t,e){return super.copy(t,e),this.matrixWorldInverse.copy(t.matrixWorldInverse),this.projectionMatrix.copy(t.projectionMatrix),this.projectionMatrixInverse.copy(t.projectionMatrixInverse),this.coordinateSystem=t.coordinateSystem,this}getWorldDirection(t){return super.getWorldDirection(t).negate()}updateMatrixWorld(t){super.updateMatrixWorld(t),this.matrixWorld.decompose(Na,Ua,Zn),Zn.x===1&&Zn.y===1&&Zn.z===1?this.matrixWorldInverse.copy(this.matrixWorld).invert():this.matrixWorldInverse.compose(Na,Ua,Zn.set(1,1,1)).invert()}updateWorldMatrix(t,e,n=!1){super.updateWorldMatrix(t,e,n),this.matrixWorld.decompose(Na,Ua,Zn),Zn.x===1&&Zn.y===1&&Zn.z===1?this.matrixWorldInverse.copy(this.matrixWorld).invert():this.matrixWorldInverse.compose(Na,Ua,Zn.set(1,1,1)).invert()}clone(){return new this.constructor().copy(this)}},Pi=new C,qh=new Wt,Xh=new Wt,qe=class extends is{constructor(t=50,e=1,n=.1,s=2e3){super(),this.isPerspectiveCamera=!0,this.type="PerspectiveCamera",this.fov=t,this.zoom=1,this.near=n,this.far=s,this.focus=10,this.aspect=e,this.view=null,this.filmGauge=35,this.filmOffset=0,this.updateProjectionMatrix()}copy(t,e){return super.copy(t,e),this.fov=t.fov,this.zoom=t.zoom,this.near=t.near,this.far=t.far,this.focus=t.focus,this.aspect=t.aspect,this.view=t.view===null?null:Object.assign({},t.view),this.filmGauge=t.filmGauge,this.filmOffset=t.filmOffset,this}setFocalLength(t){let e=.5*this.getFilmHeight()/t;this.fov=Ka*2*Math.atan(e),this.updateProjectionMatrix()}getFocalLength(){let t=Math.tan(Il*.5*this.fov);return .5*this.getFilmHeight()/t}getEffectiveFOV(){return Ka*2*Math.atan(Math.tan(Il*.5*this.fov)/this.zoom)}getFilmWidth(){return this.filmGauge*Math.min(this.aspect,1)}getFilmHeight(){return this.filmGauge/Math.max(this.aspect,1)}getViewBounds(t,e,n){Pi.set(-1,-1,.5).applyMatrix4(this.projectionMatrixInverse),e.set(Pi.x,Pi.y).multiplyScalar(-t/Pi.z),Pi.set(1,1,.5).applyMatrix4(this.projectionMatrixInverse),n.set(Pi.x,Pi.y).multiplyScalar(-t/Pi.z)}getViewSize(t,e){return this.getViewBounds(t,qh,Xh),e.subVectors(Xh,qh)}setViewOffset(t,e,n,s,r,a){this.aspect=t/e,this.view===null&&(this.view={enabled:!0,fullWidth:1,fullHeight:1,offsetX:0,offsetY:0,width:1,height:1}),this.view.enabled=!0,this.view.fullWidth=t,this.view.fullHeight=e,this.view.offsetX=n,this.view.offsetY=s,this.view.width=r,this.view.height=a,this.updateProjectionMatrix()}clearViewOffset(){this.view!==null&&(this.view.enabled=!1),this.updateProjectionMatrix()}updateProjectionMatrix(){let t=this.near,e=t*Math.tan(Il*.5*this.fov)/this.zoom,n=2*e,s=this.aspect*n,r=-.5*s,a=this.view;if(this.view!==null&&this.view.enabled){let c=a.fullWidth,l=a.fullHeight;r+=a.offsetX*s/c,e-=a.offsetY*n/l,s*=a.width/c,n*=a.height/l}let o=this.filmOffset;o!==0&&(r+=t*o/this.getFilmWidth()),this.projectionMatrix.makePerspective(r,r+s,e,e-n,t,this.far,this.coordinateSystem,this.reversedDepth),this.projectionMatrixInverse.copy(this.projectionMatrix).invert()}toJSON(t){let e=super.toJSON(t);return e.object.fov=this.fov,e.object.zoom=this.zoom,e.object.near=this.near,e.object.far=this.far,e.object.focus=this.focus,e.object.aspect=this.aspect,this.view!==null&&(e.object.view=Object.assign({},this.view)),e.object.filmGauge=this.filmGauge,e.object.filmOffset=this.filmOffset,e}};var Oi=class extends is{constructor(t=-1,e=1,n=1,s=-1,r=.1,a=2e3){super(),this.isOrthographicCamera=!0,this.type="OrthographicCamera",this.zoom=1,this.view=null,this.left=t,this.right=e,this.top=n,this.bottom=s,this.near=r,this.far=a,this.updateProjectionMatrix()}copy(t,e){return super.copy(t,e),this.left=t.left,this.right=t.right,this.top=t.top,this.bottom=t.bottom,this.near=t.near,this.far=t.far,this.zoom=t.zoom,this.view=t.view===null?null:Object.assign({},t.view),this}setViewOffset(t,e,n,s,r,a){this.view===null&&(this.view={enabled:!0,fullWidth:1,fullHeight:1,offsetX:0,offsetY:0,width:1,height:1}),this.view.enabled=!0,this.view.fullWidth=t,this.view.fullHeight=e,this.view.offsetX=n,this.view.offsetY=s,this.view.width=r,this.view.height=a,this.updateProjectionMatrix()}clearViewOffset(){this.view!==null&&(this.view.enabled=!1),this.updateProjectionMatrix()}updateProjectionMatrix(){let t=(this.right-this.left)/(2*this.zoom),e=(this.top-this.bottom)/(2*this.zoom),n=(this.right+this.left)/2,s=(this.top+this.bottom)/2,r=n-t,a=n+t,o=s+e,c=s-e;if(this.view!==null&&this.view.enabled){let l=(this.right-this.left)/this.view.fullWidth/this.zoom,u=(this.top-this.bottom)/this.view.fullHeight/this.zoom;r+=l*this.view.offsetX,a=r+l*this.view.width,o-=u*this.view.offsetY,c=o-u*this.view.height}this.projectionMatrix.makeOrthographic(r,a,o,c,this.near,this.far,this.coordinateSystem,this.reversedDepth),this.projectionMatrixInverse.copy(this.projectionMatrix).invert()}toJSON(t){let e=super.toJSON(t);return e.object.zoom=this.zoom,e.object.left=this.left,e.object.right=this.right,e.object.top=this.top,e.object.bottom=this.bottom,e.object.near=this.near,e.object.far=this.far,this.view!==null&&(e.object.view=Object.assign({},this.view)),e}};var Lr=class extends Vn{constructor(){super(),this.isInstancedBufferGeometry=!0,this.type="InstancedBufferGeometry",this.instanceCount=1/0}copy(t){return super.copy(t),this.instanceCount=t.instanceCount,this}toJSON(){let t=super.toJSON();return t.instanceCount=this.instanceCount,t.isInstancedBufferGeometry=!0,t}};var Es=-90,As=1,zi=class extends je{constructor(t,e,n){super(),this.type="CubeCamera",this.renderTarget=n,this.coordinateSystem=null,this.activeMipmapLevel=0;let s=new qe(Es,As,t,e);s.layers=this.layers,this.add(s);let r=new qe(Es,As,t,e);r.layers=this.layers,this.add(r);let a=new qe(Es,As,t,e);a.layers=this.layers,this.add(a);let o=new qe(Es,As,t,e);o.layers=this.layers,this.add(o);let c=new qe(Es,As,t,e);c.layers=this.layers,this.add(c);let l=new qe(Es,As,t,e);l.layers=this.layers,this.add(l)}updateCoordinateSystem(){let t=this.coordinateSystem,e=this.children.concat(),[n,s,r,a,o,c]=e;for(let l of e)this.remove(l);if(t===Cn)n.up.set(0,1,0),n.lookAt(1,0,0),s.up.set(0,1,0),s.lookAt(-1,0,0),r.up.set(0,0,-1),r.lookAt(0,1,0),a.up.set(0,0,1),a.lookAt(0,-1,0),o.up.set(0,1,0),o.lookAt(0,0,1),c.up.set(0,1,0),c.lookAt(0,0,-1);else if(t===Sr)n.up.set(0,-1,0),n.lookAt(-1,0,0),s.up.set(0,-1,0),s.lookAt(1,0,0),r.up.set(0,0,1),r.lookAt(0,1,0),a.up.set(0,0,-1),a.lookAt(0,-1,0),o.up.set(0,-1,0),o.lookAt(0,0,1),c.up.set(0,-1,0),c.lookAt(0,0,-1);else throw new Error("THREE.CubeCamera.updateCoordinateSystem(): Invalid coordinate system: "+t);for(let l of e)this.add(l),l.updateMatrixWorld()}update(t,e){this.parent===null&&this.updateMatrixWorld();let{renderTarget:n,activeMipmapLevel:s}=this;this.coordinateSystem!==t.coordinateSystem&&(this.coordinateSystem=t.coordinateSystem,this.updateCoordinateSystem());let[r,a,o,c,l,u]=this.children,h=t.getRenderTarget(),d=t.getActiveCubeFace(),m=t.getActiveMipmapLevel(),g=t.xr.enabled;t.xr.enabled=!1;let v=n.texture.mipmapsAutoUpdate;n.texture.mipmapsAutoUpdate=!1;let f=!1;t.isWebGLRenderer===!0?f=t.state.buffers.depth.getReversed():f=t.reversedDepthBuffer,t.setRenderTarget(n,0,s),f&&t.autoClear===!1&&t.clearDepth(),t.render(e,r),t.setRenderTarget(n,1,s),f&&t.autoClear===!1&&t.clearDepth(),t.render(e,a),t.setRenderTarget(n,2,s),f&&t.autoClear===!1&&t.clearDepth(),t.render(e,o),t.setRenderTarget(n,3,s),f&&t.autoClear===!1&&t.clearDepth(),t.render(e,c),t.setRenderTarget(n,4,s),f&&t.autoClear===!1&&t.clearDepth(),t.render(e,l),n.texture.mipmapsAutoUpdate=v,t.setRenderTarget(n,5,s),f&&t.autoClear===!1&&t.clearDepth(),t.render(e,u),t.setRenderTarget(h,d,m),t.xr.enabled=g,n.texture.needsPMREMUpdate=!0}},po=class extends qe{constructor(t=[]){super(),this.isArrayCamera=!0,this.isMultiViewCamera=!1,this.cameras=t,this.perCameraFrustumCulled=!1}},Fr=class{constructor(){this._previousTime=0,this._currentTime=0,this._startTime=performance.now(),this._delta=0,this._elapsed=0,this._timescale=1,this._document=null,this._pageVisibilityHandler=null}connect(t){this._document=t,t.hidden!==void 0&&(this._pageVisibilityHandler=jp.bind(this),t.addEventListener("visibilitychange",this._pageVisibilityHandler,!1))}disconnect(){this._pageVisibilityHandler!==null&&(this._document.removeEventListener("visibilitychange",this._pageVisibilityHandler),this._pageVisibilityHandler=null),this._document=null}getDelta(){return this._delta/1e3}getElapsed(){return this._elapsed/1e3}getTimescale(){return this._timescale}setTimescale(t){return this._timescale=t,this}reset(){return this._currentTime=performance.now()-this._startTime,this}dispose(){this.disconnect()}update(t){return this._pageVisibilityHandler!==null&&this._document.hidden===!0?this._delta=0:(this._previousTime=this._currentTime,this._currentTime=(t!==void 0?t:performance.now())-this._startTime,this._delta=(this._currentTime-this._previousTime)*this._timescale,this._elapsed+=this._delta),this}};function jp(){this._document.hidden===!1&&this.reset()}var Lc="\\[\\]\\.:\\/",tm=new RegExp("["+Lc+"]","g"),Fc="[^"+Lc+"]",em="[^"+Lc.replace("\\.","")+"]",nm=/((?:WC+[\/:])*)/.source.replace("WC",Fc),im=/(WCOD+)?/.source.replace("WCOD",em),sm=/(?:\.(WC+)(?:\[(.+)\])?)?/.source.replace("WC",Fc),rm=/\.(WC+)(?:\[(.+)\])?/.source.replace("WC",Fc),am=new RegExp("^"+nm+im+sm+rm+"$"),om=["material","materials","bones","map"],ic=class{constructor(t,e,n){let s=n||pe.parseTrackName(e);this._targetGroup=t,this._bindings=t.subscribe_(e,s)}getValue(t,e){this.bind();let n=this._targetGroup.nCachedObjects_,s=this._bindings[n];s!==void 0&&s.getValue(t,e)}setValue(t,e){let n=this._bindings;for(let s=this._targetGroup.nCachedObjects_,r=n.length;s!==r;++s)n[s].setValue(t,e)}bind(){let t=this._bindings;for(let e=this._targetGroup.nCachedObjects_,n=t.length;e!==n;++e)t[e].bind()}unbind(){let t=this._bindings;for(let e=this._targetGroup.nCachedObjects_,n=t.length;e!==n;++e)t[e].unbind()}},pe=class i{constructor(t,e,n){this.path=e,this.parsedPath=n||i.parseTrackName(e),this.node=i.findNode(t,this.parsedPath.nodeName),this.rootNode=t,this.getValue=this._getValue_unbound,this.setValue=this._setValue_unbound}static create(t,e,n){return t&&t.isAnimationObjectGroup?new i.Composite(t,e,n):new i(t,e,n)}static sanitizeNodeName(t){return t.replace(/\s/g,"_").replace(tm,"")}static parseTrackName(t){let e=am.exec(t);if(e===null)throw new Error("THREE.PropertyBinding: Cannot parse trackName: "+t);let n={nodeName:e[2],objectName:e[3],objectIndex:e[4],propertyName:e[5],propertyIndex:e[6]},s=n.nodeName&&n.nodeName.lastIndexOf(".");if(s!==void 0&&s!==-1){let r=n.nodeName.substring(s+1);om.indexOf(r)!==-1&&(n.nodeName=n.nodeName.substring(0,s),n.objectName=r)}if(n.propertyName===null||n.propertyName.length===0)throw new Error("THREE.PropertyBinding: can not parse propertyName from trackName: "+t);return n}static findNode(t,e){if(e===void 0||e===""||e==="."||e===-1||e===t.name||e===t.uuid)return t;if(t.skeleton){let n=t.skeleton.getBoneByName(e);if(n!==void 0)return n}if(t.children){let n=function(r){for(let a=0;a<r.length;a++){let o=r[a];if(o.name===e||o.uuid===e)return o;let c=n(o.children);if(c)return c}return null},s=n(t.children);if(s)return s}return null}_getValue_unavailable(){}_setValue_unavailable(){}_getValue_direct(t,e){t[e]=this.targetObject[this.propertyName]}_getValue_array(t,e){let n=this.resolvedProperty;for(let s=0,r=n.length;s!==r;++s)t[e++]=n[s]}_getValue_arrayElement(t,e){t[e]=this.resolvedProperty[this.propertyIndex]}_getValue_toArray(t,e){this.resolvedProperty.toArray(t,e)}_setValue_direct(t,e){this.targetObject[this.propertyName]=t[e]}_setValue_direct_setNeedsUpdate(t,e){this.targetObject[this.propertyName]=t[e],this.targetObject.needsUpdate=!0}_setValue_direct_setMatrixWorldNeedsUpdate(t,e){this.targetObject[this.propertyName]=t[e],this.targetObject.matrixWorldNeedsUpdate=!0}_setValue_array(t,e){let n=this.resolvedProperty;for(let s=0,r=n.length;s!==r;++s)n[s]=t[e++]}_setValue_array_setNeedsUpdate(t,e){let n=this.resolvedProperty;for(let s=0,r=n.length;s!==r;++s)n[s]=t[e++];this.targetObject.needsUpdate=!0}_setValue_array_setMatrixWorldNeedsUpdate(t,e){let n=this.resolvedProperty;for(let s=0,r=n.length;s!==r;++s)n[s]=t[e++];this.targetObject.matrixWorldNeedsUpdate=!0}_setValue_arrayElement(t,e){this.resolvedProperty[this.propertyIndex]=t[e]}_setValue_arrayElement_setNeedsUpdate(t,e){this.resolvedProperty[this.propertyIndex]=t[e],this.targetObject.needsUpdate=!0}_setValue_arrayElement_setMatrixWorldNeedsUpdate(t,e){this.resolvedProperty[this.propertyIndex]=t[e],this.targetObject.matrixWorldNeedsUpdate=!0}_setValue_fromArray(t,e){this.resolvedProperty.fromArray(t,e)}_setValue_fromArray_setNeedsUpdate(t,e){this.resolvedProperty.fromArray(t,e),this.targetObject.needsUpdate=!0}_setValue_fromArray_setMatrixWorldNeedsUpdate(t,e){this.resolvedProperty.fromArray(t,e),this.targetObject.matrixWorldNeedsUpdate=!0}_getValue_unbound(t,e){this.bind(),this.getValue(t,e)}_setValue_unbound(t,e){this.bind(),this.setValue(t,e)}bind(){let t=this.node,e=this.parsedPath,n=e.objectName,s=e.propertyName,r=e.propertyIndex;if(t||(t=i.findNode(this.rootNode,e.nodeName),this.node=t),this.getValue=this._getValue_unavailable,this.setValue=this._setValue_unavailable,!t){Dt("PropertyBinding: No target node found for track: "+this.path+".");return}if(n){let l=e.objectIndex;switch(n){case"materials":if(!t.material){Lt("PropertyBinding: Can not bind to material as node does not have a material.",this);return}if(!t.material.materials){Lt("PropertyBinding: Can not bind to material.materials as node.material does not have a materials array.",this);return}t=t.material.materials;break;case"bones":if(!t.skeleton){Lt("PropertyBinding: Can not bind to bones as node does not have a skeleton.",this);return}t=t.skeleton.bones;for(let u=0;u<t.length;u++)if(t[u].name===l){l=u;break}break;case"map":if("map"in t){t=t.map;break}if(!t.material){Lt("PropertyBinding: Can not bind to material as node does not have a material.",this);return}if(!t.material.map){Lt("PropertyBinding: Can not bind to material.map as node.material does not have a map.",this);return}t=t.material.map;break;default:if(t[n]===void 0){Lt("PropertyBinding: Can not bind to objectName of node undefined.",this);return}t=t[n]}if(l!==void 0){if(t[l]===void 0){Lt("PropertyBinding: Trying to bind to objectIndex of objectName, but is undefined.",this,t);return}t=t[l]}}let a=t[s];if(a===void 0){let l=e.nodeName;Lt("PropertyBinding: Trying to update property for track: "+l+"."+s+" but it wasn't found.",t);return}let o=this.Versioning.None;this.targetObject=t,t.isMaterial===!0?o=this.Versioning.NeedsUpdate:t.isObject3D===!0&&(o=this.Versioning.MatrixWorldNeedsUpdate);let c=this.BindingType.Direct;if(r!==void 0){if(s==="morphTargetInfluences"){if(!t.geometry){Lt("PropertyBinding: Can not bind to morphTargetInfluences because node does not have a geometry.",this);return}if(!t.geometry.morphAttributes){Lt("PropertyBinding: Can not bind to morphTargetInfluences because node does not have a geometry.morphAttributes.",this);return}t.morphTargetDictionary[r]!==void 0&&(r=t.morphTargetDictionary[r])}c=this.BindingType.ArrayElement,this.resolvedProperty=a,this.propertyIndex=r}else a.fromArray!==void 0&&a.toArray!==void 0?(c=this.BindingType.HasFromToArray,this.resolvedProperty=a):Array.isArray(a)?(c=this.BindingType.EntireArray,this.resolvedProperty=a):this.propertyName=s;this.getValue=this.GetterByBindingType[c],this.setValue=this.SetterByBindingTypeAndVersioning[c][o]}unbind(){this.node=null,this.getValue=this._getValue_unbound,this.setValue=this._setValue_unbound}};pe.Composite=ic;pe.prototype.BindingType={Direct:0,EntireArray:1,ArrayElement:2,HasFromToArray:3};pe.prototype.Versioning={None:0,NeedsUpdate:1,MatrixWorldNeedsUpdate:2};pe.prototype.GetterByBindingType=[pe.prototype._getValue_direct,pe.prototype._getValue_array,pe.prototype._getValue_arrayElement,pe.prototype._getValue_toArray];pe.prototype.SetterByBindingTypeAndVersioning=[[pe.prototype._setValue_direct,pe.prototype._setValue_direct_setNeedsUpdate,pe.prototype._setValue_direct_setMatrixWorldNeedsUpdate],[pe.prototype._setValue_array,pe.prototype._setValue_array_setNeedsUpdate,pe.prototype._setValue_array_setMatrixWorldNeedsUpdate],[pe.prototype._setValue_arrayElement,pe.prototype._setValue_arrayElement_setNeedsUpdate,pe.prototype._setValue_arrayElement_setMatrixWorldNeedsUpdate],[pe.prototype._setValue_fromArray,pe.prototype._setValue_fromArray_setNeedsUpdate,pe.prototype._setValue_fromArray_setMatrixWorldNeedsUpdate]];var MS=new Float32Array(1);var Nr=class{static{this.prototype.isMatrix2=!0}constructor(t,e,n,s){this.elements=[1,0,0,1],t!==void 0&&this.set(t,e,n,s)}identity(){return this.set(1,0,0,1),this}fromArray(t,e=0){for(let n=0;n<4;n++)this.elements[n]=t[n+e];return this}set(t,e,n,s){let r=this.elements;return r[0]=t,r[2]=e,r[1]=n,r[3]=s,this}};function Nc(i,t,e,n){let s=lm(n);switch(e){case wc:return i*t;case Ec:return i*t/s.components*s.byteLength;case So:return i*t/s.components*s.byteLength;case Hi:return i*t*2/s.components*s.byteLength;case ti:return i*t*2/s.components*s.byteLength;case Tc:return i*t*3/s.components*s.byteLength;case Ae:return i*t*4/s.components*s.byteLength;case te:return i*t*4/s.components*s.byteLength;case zr:case Br:return Math.floor((i+3)/4)*Math.floor((t+3)/4)*8;case kr:case Hr:return Math.floor((i+3)/4)*Math.floor((t+3)/4)*16;case Mo:case To:return Math.max(i,16)*Math.max(t,8)/4;case bo:case wo:return Math.max(i,8)*Math.max(t,8)/2;case Eo:case Ao:case Co:case Io:return Math.floor((i+3)/4)*Math.floor((t+3)/4)*8;case Ro:case Vr:case Po:return Math.floor((i+3)/4)*Math.floor((t+3)/4)*16;case Do:return Math.floor((i+3)/4)*Math.floor((t+3)/4)*16;case Lo:return Math.floor((i+4)/5)*Math.floor((t+3)/4)*16;case Fo:return Math.floor((i+4)/5)*Math.floor((t+4)/5)*16;case No:return Math.floor((i+5)/6)*Math.floor((t+4)/5)*16;case Uo:return Math.floor((i+5)/6)*Math.floor((t+5)/6)*16;case Oo:return Math.floor((i+7)/8)*Math.floor((t+4)/5)*16;case zo:return Math.floor((i+7)/8)*Math.floor((t+5)/6)*16;case Bo:return Math.floor((i+7)/8)*Math.floor((t+7)/8)*16;case ko:return Math.floor((i+9)/10)*Math.floor((t+4)/5)*16;case Ho:return Math.floor((i+9)/10)*Math.floor((t+5)/6)*16;case Vo:return Math.floor((i+9)/10)*Math.floor((t+7)/8)*16;case Go:return Math.floor((i+9)/10)*Math.floor((t+9)/10)*16;case $o:return Math.floor((i+11)/12)*Math.floor((t+9)/10)*16;case Wo:return Math.floor((i+11)/12)*Math.floor((t+11)/12)*16;case qo:case Xo:case Yo:return Math.ceil(i/4)*Math.ceil(t/4)*16;case Ko:case Zo:return Math.ceil(i/4)*Math.ceil(t/4)*8;case Gr:case Qo:return Math.ceil(i/4)*Math.ceil(t/4)*16}throw new Error(`Unable to determine texture byte length for ${e} format.`)}function lm(i){switch(i){case we:case _c:return{byteLength:1,components:1};case ki:case Sc:case Gn:return{byteLength:2,components:1};case vo:case _o:return{byteLength:2,components:4};case Ht:case yo:case yn:return{byteLength:4,components:1};case bc:case Mc:return{byteLength:4,components:3}}throw new Error(`THREE.TextureUtils: Unknown texture type ${i}.`)}typeof __THREE_DEVTOOLS__<"u"&&__THREE_DEVTOOLS__.dispatchEvent(new CustomEvent("register",{detail:{revision:"187"}}));typeof window<"u"&&(window.__THREE__?Dt("WARNING: Multiple instances of Three.js being imported."):window.__THREE__="187");function sf(){let i=null,t=!1,e=null,n=null;function s(r,a){n=i.requestAnimationFrame(s),e(r,a)}return{start:function(){t!==!0&&e!==null&&i!==null&&(n=i.requestAnimationFrame(s),t=!0)},stop:function(){i!==null&&i.cancelAnimationFrame(n),t=!1},setAnimationLoop:function(r){e=r},setContext:function(r){i=r}}}function um(i){let t=new WeakMap;function e(o,c){let l=o.array,u=o.usage,h=l.byteLength,d=i.createBuffer();i.bindBuffer(c,d),i.bufferData(c,l,u),o.onUploadCallback();let m;if(l instanceof Float32Array)m=i.FLOAT;else if(typeof Float16Array<"u"&&l instanceof Float16Array)m=i.HALF_FLOAT;else if(l instanceof Uint16Array)o.isFloat16BufferAttribute?m=i.HALF_FLOAT:m=i.UNSIGNED_SHORT;else if(l instanceof Int16Array)m=i.SHORT;else if(l instanceof Uint32Array)m=i.UNSIGNED_INT;else if(l instanceof Int32Array)m=i.INT;else if(l instanceof Int8Array)m=i.BYTE;else if(l instanceof Uint8Array)m=i.UNSIGNED_BYTE;else if(l instanceof Uint8ClampedArray)m=i.UNSIGNED_BYTE;else throw new Error("THREE.WebGLAttributes: Unsupported buffer data format: "+l);return{buffer:d,type:m,bytesPerElement:l.BYTES_PER_ELEMENT,version:o.version,size:h}}function n(o,c,l){let u=c.array,h=c.updateRanges;if(i.bindBuffer(l,o),h.length===0)i.bufferSubData(l,0,u);else{h.sort((m,g)=>m.start-g.start);let d=0;for(let m=1;m<h.length;m++){let g=h[d],v=h[m];v.start<=g.start+g.count+1?g.count=Math.max(g.count,v.start+v.count-g.start):(++d,h[d]=v)}h.length=d+1;for(let m=0,g=h.length;m<g;m++){let v=h[m];i.bufferSubData(l,v.start*u.BYTES_PER_ELEMENT,u,v.start,v.count)}c.clearUpdateRanges()}c.onUploadCallback()}function s(o){return o.isInterleavedBufferAttribute&&(o=o.data),t.get(o)}function r(o){o.isInterleavedBufferAttribute&&(o=o.data);let c=t.get(o);c&&(i.deleteBuffer(c.buffer),t.delete(o))}function a(o,c){if(o.isInterleavedBufferAttribute&&(o=o.data),o.isGLBufferAttribute){let u=t.get(o);(!u||u.version<o.version)&&t.set(o,{buffer:o.buffer,type:o.type,bytesPerElement:o.elementSize,version:o.version});return}let l=t.get(o);if(l===void 0)t.set(o,e(o,c));else if(l.version<o.version){if(l.size!==o.array.byteLength)throw new Error("THREE.WebGLAttributes: The size of the buffer attribute's array buffer does not match the original size. Resizing buffer attributes is not supported.");n(l.buffer,o,c),l.version=o.version}}return{get:s,remove:r,update:a}}var hm=`#ifdef USE_ALPHAHASH
	if ( diffuseColor.a < getAlphaHashThreshold( vPosition ) ) discard;
#endif`,dm=`#ifdef USE_ALPHAHASH
	const float ALPHA_HASH_SCALE = 0.05;
	float hash2D( vec2 value ) {
		return fract( 1.0e4 * sin( 17.0 * value.x + 0.1 * value.y ) * ( 0.1 + abs( sin( 13.0 * value.y + value.x ) ) ) );
	}
	float hash3D( vec3 value ) {
		return hash2D( vec2( hash2D( value.xy ), value.z ) );
	}
	float getAlphaHashThreshold( vec3 position ) {
		float maxDeriv = max(
			length( dFdx( position.xyz ) ),
			length( dFdy( position.xyz ) )
		);
		float pixScale = 1.0 / ( ALPHA_HASH_SCALE * maxDeriv );
		vec2 pixScales = vec2(
			exp2( floor( log2( pixScale ) ) ),
			exp2( ceil( log2( pixScale ) ) )
		);
		vec2 alpha = vec2(
			hash3D( floor( pixScales.x * position.xyz ) ),
			hash3D( floor( pixScales.y * position.xyz ) )
		);
		float lerpFactor = fract( log2( pixScale ) );
		float x = ( 1.0 - lerpFactor ) * alpha.x + lerpFactor * alpha.y;
		float a = min( lerpFactor, 1.0 - lerpFactor );
		vec3 cases = vec3(
			x * x / ( 2.0 * a * ( 1.0 - a ) ),
			( x - 0.5 * a ) / ( 1.0 - a ),
			1.0 - ( ( 1.0 - x ) * ( 1.0 - x ) / ( 2.0 * a * ( 1.0 - a ) ) )
		);
		float threshold = ( x < ( 1.0 - a ) )
			? ( ( x < a ) ? cases.x : cases.y )
			: cases.z;
		return clamp( threshold , 1.0e-6, 1.0 );
	}
#endif`,fm=`#ifdef USE_ALPHAMAP
	diffuseColor.a *= texture2D( alphaMap, vAlphaMapUv ).g;
#endif`,pm=`#ifdef USE_ALPHAMAP
	uniform sampler2D alphaMap;
#endif`,mm=`#ifdef USE_ALPHATEST
	#ifdef ALPHA_TO_COVERAGE
	diffuseColor.a = smoothstep( alphaTest, alphaTest + fwidth( diffuseColor.a ), diffuseColor.a );
	if ( diffuseColor.a == 0.0 ) discard;
	#else
	if ( diffuseColor.a < alphaTest ) discard;
	#endif
#endif`,gm=`#ifdef USE_ALPHATEST
	uniform float alphaTest;
#endif`,xm=`#ifdef USE_AOMAP
	float ambientOcclusion = ( texture2D( aoMap, vAoMapUv ).r - 1.0 ) * aoMapIntensity + 1.0;
	reflectedLight.indirectDiffuse *= ambientOcclusion;
	#if defined( USE_CLEARCOAT ) 
		clearcoatSpecularIndirect *= ambientOcclusion;
	#endif
	#if defined( USE_SHEEN ) 
		sheenSpecularIndirect *= ambientOcclusion;
	#endif
	#if defined( USE_ENVMAP ) && defined( STANDARD )
		float dotNV = saturate( dot( geometryNormal, geometryViewDir ) );
		reflectedLight.indirectSpecular *= computeSpecularOcclusion( dotNV, ambientOcclusion, material.roughness );
	#endif
#endif`,ym=`#ifdef USE_AOMAP
	uniform sampler2D aoMap;
	uniform float aoMapIntensity;
#endif`,vm=`#ifdef USE_BATCHING
	#if ! defined( GL_ANGLE_multi_draw )
	#define gl_DrawID _gl_DrawID
	uniform int _gl_DrawID;
	#endif
	uniform highp sampler2D batchingTexture;
	uniform highp usampler2D batchingIdTexture;
	mat4 getBatchingMatrix( const in float i ) {
		int size = textureSize( batchingTexture, 0 ).x;
		int j = int( i ) * 4;
		int x = j % size;
		int y = j / size;
		vec4 v1 = texelFetch( batchingTexture, ivec2( x, y ), 0 );
		vec4 v2 = texelFetch( batchingTexture, ivec2( x + 1, y ), 0 );
		vec4 v3 = texelFetch( batchingTexture, ivec2( x + 2, y ), 0 );
		vec4 v4 = texelFetch( batchingTexture, ivec2( x + 3, y ), 0 );
		return mat4( v1, v2, v3, v4 );
	}
	float getIndirectIndex( const in int i ) {
		int size = textureSize( batchingIdTexture, 0 ).x;
		int x = i % size;
		int y = i / size;
		return float( texelFetch( batchingIdTexture, ivec2( x, y ), 0 ).r );
	}
#endif
#ifdef USE_BATCHING_COLOR
	uniform sampler2D batchingColorTexture;
	vec4 getBatchingColor( const in float i ) {
		int size = textureSize( batchingColorTexture, 0 ).x;
		int j = int( i );
		int x = j % size;
		int y = j / size;
		return texelFetch( batchingColorTexture, ivec2( x, y ), 0 );
	}
#endif`,_m=`#ifdef USE_BATCHING
	mat4 batchingMatrix = getBatchingMatrix( getIndirectIndex( gl_DrawID ) );
#endif`,Sm=`vec3 transformed = vec3( position );
#ifdef USE_ALPHAHASH
	vPosition = vec3( position );
#endif`,bm=`vec3 objectNormal = vec3( normal );
#ifdef USE_TANGENT
	vec3 objectTangent = vec3( tangent.xyz );
#endif`,Mm=`float G_BlinnPhong_Implicit( ) {
	return 0.25;
}
float D_BlinnPhong( const in float shininess, const in float dotNH ) {
	return RECIPROCAL_PI * ( shininess * 0.5 + 1.0 ) * pow( dotNH, shininess );
}
vec3 BRDF_BlinnPhong( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, const in vec3 specularColor, const in float shininess ) {
	vec3 halfDir = normalize( lightDir + viewDir );
	float dotNH = saturate( dot( normal, halfDir ) );
	float dotVH = saturate( dot( viewDir, halfDir ) );
	vec3 F = F_Schlick( specularColor, 1.0, dotVH );
	float G = G_BlinnPhong_Implicit( );
	float D = D_BlinnPhong( shininess, dotNH );
	return F * ( G * D );
} // validated`,wm=`#ifdef USE_IRIDESCENCE
	const mat3 XYZ_TO_REC709 = mat3(
		 3.2404542, -0.9692660,  0.0556434,
		-1.5371385,  1.8760108, -0.2040259,
		-0.4985314,  0.0415560,  1.0572252
	);
	vec3 Fresnel0ToIor( vec3 fresnel0 ) {
		vec3 sqrtF0 = sqrt( fresnel0 );
		return ( vec3( 1.0 ) + sqrtF0 ) / ( vec3( 1.0 ) - sqrtF0 );
	}
	vec3 IorToFresnel0( vec3 transmittedIor, float incidentIor ) {
		return pow2( ( transmittedIor - vec3( incidentIor ) ) / ( transmittedIor + vec3( incidentIor ) ) );
	}
	float IorToFresnel0( float transmittedIor, float incidentIor ) {
		return pow2( ( transmittedIor - incidentIor ) / ( transmittedIor + incidentIor ));
	}
	vec3 evalSensitivity( float OPD, vec3 shift ) {
		float phase = 2.0 * PI * OPD * 1.0e-9;
		vec3 val = vec3( 5.4856e-13, 4.4201e-13, 5.2481e-13 );
		vec3 pos = vec3( 1.6810e+06, 1.7953e+06, 2.2084e+06 );
		vec3 var = vec3( 4.3278e+09, 9.3046e+09, 6.6121e+09 );
		vec3 xyz = val * sqrt( 2.0 * PI * var ) * cos( pos * phase + shift ) * exp( - pow2( phase ) * var );
		xyz.x += 9.7470e-14 * sqrt( 2.0 * PI * 4.5282e+09 ) * cos( 2.2399e+06 * phase + shift[ 0 ] ) * exp( - 4.5282e+09 * pow2( phase ) );
		xyz /= 1.0685e-7;
		vec3 rgb = XYZ_TO_REC709 * xyz;
		return rgb;
	}
	vec3 evalIridescence( float outsideIOR, float eta2, float cosTheta1, float thinFilmThickness, vec3 baseF0 ) {
		vec3 I;
		float iridescenceIOR = mix( outsideIOR, eta2, smoothstep( 0.0, 0.03, thinFilmThickness ) );
		float sinTheta2Sq = pow2( outsideIOR / iridescenceIOR ) * ( 1.0 - pow2( cosTheta1 ) );
		float cosTheta2Sq = 1.0 - sinTheta2Sq;
		if ( cosTheta2Sq < 0.0 ) {
			return vec3( 1.0 );
		}
		float cosTheta2 = sqrt( cosTheta2Sq );
		float R0 = IorToFresnel0( iridescenceIOR, outsideIOR );
		float R12 = F_Schlick( R0, 1.0, cosTheta1 );
		float T121 = 1.0 - R12;
		float phi12 = 0.0;
		if ( iridescenceIOR < outsideIOR ) phi12 = PI;
		float phi21 = PI - phi12;
		vec3 baseIOR = Fresnel0ToIor( clamp( baseF0, 0.0, 0.9999 ) );		vec3 R1 = IorToFresnel0( baseIOR, iridescenceIOR );
		vec3 R23 = F_Schlick( R1, 1.0, cosTheta2 );
		vec3 phi23 = vec3( 0.0 );
		if ( baseIOR[ 0 ] < iridescenceIOR ) phi23[ 0 ] = PI;
		if ( baseIOR[ 1 ] < iridescenceIOR ) phi23[ 1 ] = PI;
		if ( baseIOR[ 2 ] < iridescenceIOR ) phi23[ 2 ] = PI;
		float OPD = 2.0 * iridescenceIOR * thinFilmThickness * cosTheta2;
		vec3 phi = vec3( phi21 ) + phi23;
		vec3 R123 = clamp( R12 * R23, 1e-5, 0.9999 );
		vec3 r123 = sqrt( R123 );
		vec3 Rs = pow2( T121 ) * R23 / ( vec3( 1.0 ) - R123 );
		vec3 C0 = R12 + Rs;
		I = C0;
		vec3 Cm = Rs - T121;
		for ( int m = 1; m <= 2; ++ m ) {
			Cm *= r123;
			vec3 Sm = 2.0 * evalSensitivity( float( m ) * OPD, float( m ) * phi );
			I += Cm * Sm;
		}
		return max( I, vec3( 0.0 ) );
	}
#endif`,Tm=`#ifdef USE_BUMPMAP
	uniform sampler2D bumpMap;
	uniform float bumpScale;
	vec2 dHdxy_fwd() {
		vec2 dSTdx = dFdx( vBumpMapUv );
		vec2 dSTdy = dFdy( vBumpMapUv );
		float Hll = bumpScale * texture2D( bumpMap, vBumpMapUv ).x;
		float dBx = bumpScale * texture2D( bumpMap, vBumpMapUv + dSTdx ).x - Hll;
		float dBy = bumpScale * texture2D( bumpMap, vBumpMapUv + dSTdy ).x - Hll;
		return vec2( dBx, dBy );
	}
	vec3 perturbNormalArb( vec3 surf_pos, vec3 surf_norm, vec2 dHdxy, float faceDirection ) {
		vec3 vSigmaX = normalize( dFdx( surf_pos.xyz ) );
		vec3 vSigmaY = normalize( dFdy( surf_pos.xyz ) );
		vec3 vN = surf_norm;
		vec3 R1 = cross( vSigmaY, vN );
		vec3 R2 = cross( vN, vSigmaX );
		float fDet = dot( vSigmaX, R1 ) * faceDirection;
		vec3 vGrad = sign( fDet ) * ( dHdxy.x * R1 + dHdxy.y * R2 );
		return normalize( abs( fDet ) * surf_norm - vGrad );
	}
#endif`,Em=`#if NUM_CLIPPING_PLANES > 0
	vec4 plane;
	#ifdef ALPHA_TO_COVERAGE
		float distanceToPlane, distanceGradient;
		float clipOpacity = 1.0;
		#pragma unroll_loop_start
		for ( int i = 0; i < UNION_CLIPPING_PLANES; i ++ ) {
			plane = clippingPlanes[ i ];
			distanceToPlane = - dot( vClipPosition, plane.xyz ) + plane.w;
			distanceGradient = fwidth( distanceToPlane ) / 2.0;
			clipOpacity *= smoothstep( - distanceGradient, distanceGradient, distanceToPlane );
			if ( clipOpacity == 0.0 ) discard;
		}
		#pragma unroll_loop_end
		#if UNION_CLIPPING_PLANES < NUM_CLIPPING_PLANES
			float unionClipOpacity = 1.0;
			#pragma unroll_loop_start
			for ( int i = UNION_CLIPPING_PLANES; i < NUM_CLIPPING_PLANES; i ++ ) {
				plane = clippingPlanes[ i ];
				distanceToPlane = - dot( vClipPosition, plane.xyz ) + plane.w;
				distanceGradient = fwidth( distanceToPlane ) / 2.0;
				unionClipOpacity *= 1.0 - smoothstep( - distanceGradient, distanceGradient, distanceToPlane );
			}
			#pragma unroll_loop_end
			clipOpacity *= 1.0 - unionClipOpacity;
		#endif
		diffuseColor.a *= clipOpacity;
		if ( diffuseColor.a == 0.0 ) discard;
	#else
		#pragma unroll_loop_start
		for ( int i = 0; i < UNION_CLIPPING_PLANES; i ++ ) {
			plane = clippingPlanes[ i ];
			if ( dot( vClipPosition, plane.xyz ) > plane.w ) discard;
		}
		#pragma unroll_loop_end
		#if UNION_CLIPPING_PLANES < NUM_CLIPPING_PLANES
			bool clipped = true;
			#pragma unroll_loop_start
			for ( int i = UNION_CLIPPING_PLANES; i < NUM_CLIPPING_PLANES; i ++ ) {
				plane = clippingPlanes[ i ];
				clipped = ( dot( vClipPosition, plane.xyz ) > plane.w ) && clipped;
			}
			#pragma unroll_loop_end
			if ( clipped ) discard;
		#endif
	#endif
#endif`,Am=`#if NUM_CLIPPING_PLANES > 0
	varying vec3 vClipPosition;
	uniform vec4 clippingPlanes[ NUM_CLIPPING_PLANES ];
#endif`,Rm=`#if NUM_CLIPPING_PLANES > 0
	varying vec3 vClipPosition;
#endif`,Cm=`#if NUM_CLIPPING_PLANES > 0
	vClipPosition = - mvPosition.xyz;
#endif`,Im=`#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA )
	diffuseColor *= vColor;
#endif`,Pm=`#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA )
	varying vec4 vColor;
#endif`,Dm=`#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA ) || defined( USE_INSTANCING_COLOR ) || defined( USE_BATCHING_COLOR )
	varying vec4 vColor;
#endif`,Lm=`#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA ) || defined( USE_INSTANCING_COLOR ) || defined( USE_BATCHING_COLOR )
	vColor = vec4( 1.0 );
#endif
#ifdef USE_COLOR_ALPHA
	vColor *= color;
#elif defined( USE_COLOR )
	vColor.rgb *= color;
#endif
#ifdef USE_INSTANCING_COLOR
	vColor.rgb *= instanceColor.rgb;
#endif
#ifdef USE_BATCHING_COLOR
	vColor *= getBatchingColor( getIndirectIndex( gl_DrawID ) );
#endif`,Fm=`#define PI 3.141592653589793
#define PI2 6.283185307179586
#define PI_HALF 1.5707963267948966
#define RECIPROCAL_PI 0.3183098861837907
#define RECIPROCAL_PI2 0.15915494309189535
#define EPSILON 1e-6
#ifndef saturate
#define saturate( a ) clamp( a, 0.0, 1.0 )
#endif
#define whiteComplement( a ) ( 1.0 - saturate( a ) )
float pow2( const in float x ) { return x*x; }
vec3 pow2( const in vec3 x ) { return x*x; }
float pow3( const in float x ) { return x*x*x; }
float pow4( const in float x ) { float x2 = x*x; return x2*x2; }
float max3( const in vec3 v ) { return max( max( v.x, v.y ), v.z ); }
float average( const in vec3 v ) { return dot( v, vec3( 0.3333333 ) ); }
highp float rand( const in vec2 uv ) {
	const highp float a = 12.9898, b = 78.233, c = 43758.5453;
	highp float dt = dot( uv.xy, vec2( a,b ) ), sn = mod( dt, PI );
	return fract( sin( sn ) * c );
}
#ifdef HIGH_PRECISION
	float precisionSafeLength( vec3 v ) { return length( v ); }
#else
	float precisionSafeLength( vec3 v ) {
		float maxComponent = max3( abs( v ) );
		return length( v / maxComponent ) * maxComponent;
	}
#endif
struct IncidentLight {
	vec3 color;
	vec3 direction;
	bool visible;
};
struct ReflectedLight {
	vec3 directDiffuse;
	vec3 directSpecular;
	vec3 indirectDiffuse;
	vec3 indirectSpecular;
};
#ifdef USE_ALPHAHASH
	varying vec3 vPosition;
#endif
vec3 transformDirection( in vec3 dir, in mat4 matrix ) {
	return normalize( ( matrix * vec4( dir, 0.0 ) ).xyz );
}
#define inverseTransformDirection transformDirectionByInverseViewMatrix
vec3 transformNormalByInverseViewMatrix( in vec3 normal, in mat4 viewMatrix ) {
	return normalize( ( vec4( normal, 0.0 ) * viewMatrix ).xyz );
}
vec3 transformDirectionByInverseViewMatrix( in vec3 dir, in mat4 viewMatrix ) {
	return normalize( ( vec4( dir, 0.0 ) * viewMatrix ).xyz );
}
bool isPerspectiveMatrix( mat4 m ) {
	return m[ 2 ][ 3 ] == - 1.0;
}
vec2 equirectUv( in vec3 dir ) {
	float u = atan( dir.z, dir.x ) * RECIPROCAL_PI2 + 0.5;
	float v = asin( clamp( dir.y, - 1.0, 1.0 ) ) * RECIPROCAL_PI + 0.5;
	return vec2( u, v );
}
vec3 BRDF_Lambert( const in vec3 diffuseColor ) {
	return RECIPROCAL_PI * diffuseColor;
}
vec3 F_Schlick( const in vec3 f0, const in float f90, const in float dotVH ) {
	float fresnel = exp2( ( - 5.55473 * dotVH - 6.98316 ) * dotVH );
	return f0 * ( 1.0 - fresnel ) + ( f90 * fresnel );
}
float F_Schlick( const in float f0, const in float f90, const in float dotVH ) {
	float fresnel = exp2( ( - 5.55473 * dotVH - 6.98316 ) * dotVH );
	return f0 * ( 1.0 - fresnel ) + ( f90 * fresnel );
} // validated`,Nm=`vec3 transformedNormal = objectNormal;
#ifdef USE_TANGENT
	vec3 transformedTangent = objectTangent;
#endif
#ifdef USE_BATCHING
	mat3 bm = mat3( batchingMatrix );
	transformedNormal /= vec3( dot( bm[ 0 ], bm[ 0 ] ), dot( bm[ 1 ], bm[ 1 ] ), dot( bm[ 2 ], bm[ 2 ] ) );
	transformedNormal = bm * transformedNormal;
	#ifdef USE_TANGENT
		transformedTangent = bm * transformedTangent;
	#endif
#endif
#ifdef USE_INSTANCING
	mat3 im = mat3( instanceMatrix );
	transformedNormal /= vec3( dot( im[ 0 ], im[ 0 ] ), dot( im[ 1 ], im[ 1 ] ), dot( im[ 2 ], im[ 2 ] ) );
	transformedNormal = im * transformedNormal;
	#ifdef USE_TANGENT
		transformedTangent = im * transformedTangent;
	#endif
#endif
transformedNormal = normalMatrix * transformedNormal;
#ifdef FLIP_SIDED
	transformedNormal = - transformedNormal;
#endif
#ifdef USE_TANGENT
	transformedTangent = ( modelViewMatrix * vec4( transformedTangent, 0.0 ) ).xyz;
#endif`,Um=`#ifdef USE_DISPLACEMENTMAP
	uniform sampler2D displacementMap;
	uniform float displacementScale;
	uniform float displacementBias;
#endif`,Om=`#ifdef USE_DISPLACEMENTMAP
	transformed += normalize( objectNormal ) * ( texture2D( displacementMap, vDisplacementMapUv ).x * displacementScale + displacementBias );
#endif`,zm=`#ifdef USE_EMISSIVEMAP
	vec4 emissiveColor = texture2D( emissiveMap, vEmissiveMapUv );
	#ifdef DECODE_VIDEO_TEXTURE_EMISSIVE
		emissiveColor = sRGBTransferEOTF( emissiveColor );
	#endif
	totalEmissiveRadiance *= emissiveColor.rgb;
#endif`,Bm=`#ifdef USE_EMISSIVEMAP
	uniform sampler2D emissiveMap;
#endif`,km="gl_FragColor = linearToOutputTexel( gl_FragColor );",Hm=`vec4 LinearTransferOETF( in vec4 value ) {
	return value;
}
vec4 sRGBTransferEOTF( in vec4 value ) {
	return vec4( mix( pow( value.rgb * 0.9478672986 + vec3( 0.0521327014 ), vec3( 2.4 ) ), value.rgb * 0.0773993808, vec3( lessThanEqual( value.rgb, vec3( 0.04045 ) ) ) ), value.a );
}
vec4 sRGBTransferOETF( in vec4 value ) {
	return vec4( mix( pow( value.rgb, vec3( 0.41666 ) ) * 1.055 - vec3( 0.055 ), value.rgb * 12.92, vec3( lessThanEqual( value.rgb, vec3( 0.0031308 ) ) ) ), value.a );
}`,Vm=`#ifdef USE_ENVMAP
	#ifdef ENV_WORLDPOS
		vec3 cameraToFrag;
		if ( isOrthographic ) {
			cameraToFrag = normalize( vec3( - viewMatrix[ 0 ][ 2 ], - viewMatrix[ 1 ][ 2 ], - viewMatrix[ 2 ][ 2 ] ) );
		} else {
			cameraToFrag = normalize( vWorldPosition - cameraPosition );
		}
		vec3 worldNormal = transformNormalByInverseViewMatrix( normal, viewMatrix );
		#ifdef ENVMAP_MODE_REFLECTION
			vec3 reflectVec = reflect( cameraToFrag, worldNormal );
		#else
			vec3 reflectVec = refract( cameraToFrag, worldNormal, refractionRatio );
		#endif
	#else
		vec3 reflectVec = vReflect;
	#endif
	#ifdef ENVMAP_TYPE_CUBE
		vec4 envColor = textureCube( envMap, envMapRotation * reflectVec );
		#ifdef ENVMAP_BLENDING_MULTIPLY
			outgoingLight = mix( outgoingLight, outgoingLight * envColor.xyz, specularStrength * reflectivity );
		#elif defined( ENVMAP_BLENDING_MIX )
			outgoingLight = mix( outgoingLight, envColor.xyz, specularStrength * reflectivity );
		#elif defined( ENVMAP_BLENDING_ADD )
			outgoingLight += envColor.xyz * specularStrength * reflectivity;
		#endif
	#endif
#endif`,Gm=`#ifdef USE_ENVMAP
	uniform float envMapIntensity;
	uniform mat3 envMapRotation;
	uniform samplerCube envMap;
	#ifdef ENVMAP_TYPE_PMREM
		float roughnessToMip( const in float roughness ) {
			float r = clamp( roughness, 0.0, 1.0 );
			return ENVMAP_MAX_LOD * r * ( 2.0 - r );
		}
	#endif
#endif`,$m=`#ifdef USE_ENVMAP
	uniform float reflectivity;
	#if defined( USE_BUMPMAP ) || defined( USE_NORMALMAP ) || defined( PHONG ) || defined( LAMBERT )
		#define ENV_WORLDPOS
	#endif
	#ifdef ENV_WORLDPOS
		varying vec3 vWorldPosition;
		uniform float refractionRatio;
	#else
		varying vec3 vReflect;
	#endif
#endif`,Wm=`#ifdef USE_ENVMAP
	#if defined( USE_BUMPMAP ) || defined( USE_NORMALMAP ) || defined( PHONG ) || defined( LAMBERT )
		#define ENV_WORLDPOS
	#endif
	#ifdef ENV_WORLDPOS
		
		varying vec3 vWorldPosition;
	#else
		varying vec3 vReflect;
		uniform float refractionRatio;
	#endif
#endif`,qm=`#ifdef USE_ENVMAP
	#ifdef ENV_WORLDPOS
		vWorldPosition = worldPosition.xyz;
	#else
		vec3 cameraToVertex;
		if ( isOrthographic ) {
			cameraToVertex = normalize( vec3( - viewMatrix[ 0 ][ 2 ], - viewMatrix[ 1 ][ 2 ], - viewMatrix[ 2 ][ 2 ] ) );
		} else {
			cameraToVertex = normalize( worldPosition.xyz - cameraPosition );
		}
		vec3 worldNormal = transformNormalByInverseViewMatrix( transformedNormal, viewMatrix );
		#ifdef ENVMAP_MODE_REFLECTION
			vReflect = reflect( cameraToVertex, worldNormal );
		#else
			vReflect = refract( cameraToVertex, worldNormal, refractionRatio );
		#endif
	#endif
#endif`,Xm=`#ifdef USE_FOG
	vFogDepth = - mvPosition.z;
#endif`,Ym=`#ifdef USE_FOG
	varying float vFogDepth;
#endif`,Km=`#ifdef USE_FOG
	#ifdef FOG_EXP2
		float fogFactor = 1.0 - exp( - fogDensity * fogDensity * vFogDepth * vFogDepth );
	#else
		float fogFactor = smoothstep( fogNear, fogFar, vFogDepth );
	#endif
	gl_FragColor.rgb = mix( gl_FragColor.rgb, fogColor, fogFactor );
#endif`,Zm=`#ifdef USE_FOG
	uniform vec3 fogColor;
	varying float vFogDepth;
	#ifdef FOG_EXP2
		uniform float fogDensity;
	#else
		uniform float fogNear;
		uniform float fogFar;
	#endif
#endif`,Qm=`#ifdef USE_GRADIENTMAP
	uniform sampler2D gradientMap;
#endif
vec3 getGradientIrradiance( vec3 normal, vec3 lightDirection ) {
	float dotNL = dot( normal, lightDirection );
	vec2 coord = vec2( dotNL * 0.5 + 0.5, 0.0 );
	#ifdef USE_GRADIENTMAP
		return vec3( texture2D( gradientMap, coord ).r );
	#else
		vec2 fw = fwidth( coord ) * 0.5;
		return mix( vec3( 0.7 ), vec3( 1.0 ), smoothstep( 0.7 - fw.x, 0.7 + fw.x, coord.x ) );
	#endif
}`,Jm=`#ifdef USE_LIGHTMAP
	uniform sampler2D lightMap;
	uniform float lightMapIntensity;
#endif`,jm=`LambertMaterial material;
material.diffuseColor = diffuseColor.rgb;
material.specularStrength = specularStrength;`,tg=`varying vec3 vViewPosition;
struct LambertMaterial {
	vec3 diffuseColor;
	float specularStrength;
};
void RE_Direct_Lambert( const in IncidentLight directLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in LambertMaterial material, inout ReflectedLight reflectedLight ) {
	float dotNL = saturate( dot( geometryNormal, directLight.direction ) );
	vec3 irradiance = dotNL * directLight.color;
	reflectedLight.directDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
void RE_IndirectDiffuse_Lambert( const in vec3 irradiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in LambertMaterial material, inout ReflectedLight reflectedLight ) {
	reflectedLight.indirectDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
#define RE_Direct				RE_Direct_Lambert
#define RE_IndirectDiffuse		RE_IndirectDiffuse_Lambert`,eg=`uniform bool receiveShadow;
uniform vec3 ambientLightColor;
#if defined( USE_LIGHT_PROBES )
	uniform vec3 lightProbe[ 9 ];
#endif
vec3 shGetIrradianceAt( in vec3 normal, in vec3 shCoefficients[ 9 ] ) {
	float x = normal.x, y = normal.y, z = normal.z;
	vec3 result = shCoefficients[ 0 ] * 0.886227;
	result += shCoefficients[ 1 ] * 2.0 * 0.511664 * y;
	result += shCoefficients[ 2 ] * 2.0 * 0.511664 * z;
	result += shCoefficients[ 3 ] * 2.0 * 0.511664 * x;
	result += shCoefficients[ 4 ] * 2.0 * 0.429043 * x * y;
	result += shCoefficients[ 5 ] * 2.0 * 0.429043 * y * z;
	result += shCoefficients[ 6 ] * ( 0.743125 * z * z - 0.247708 );
	result += shCoefficients[ 7 ] * 2.0 * 0.429043 * x * z;
	result += shCoefficients[ 8 ] * 0.429043 * ( x * x - y * y );
	return result;
}
vec3 getLightProbeIrradiance( const in vec3 lightProbe[ 9 ], const in vec3 normal ) {
	vec3 worldNormal = transformNormalByInverseViewMatrix( normal, viewMatrix );
	vec3 irradiance = shGetIrradianceAt( worldNormal, lightProbe );
	return irradiance;
}
vec3 getAmbientLightIrradiance( const in vec3 ambientLightColor ) {
	vec3 irradiance = ambientLightColor;
	return irradiance;
}
float getDistanceAttenuation( const in float lightDistance, const in float cutoffDistance, const in float decayExponent ) {
	float distanceFalloff = 1.0 / max( pow( lightDistance, decayExponent ), 0.01 );
	if ( cutoffDistance > 0.0 ) {
		distanceFalloff *= pow2( saturate( 1.0 - pow4( lightDistance / cutoffDistance ) ) );
	}
	return distanceFalloff;
}
float getSpotAttenuation( const in float coneCosine, const in float penumbraCosine, const in float angleCosine ) {
	return smoothstep( coneCosine, penumbraCosine, angleCosine );
}
#if NUM_SUN_LIGHTS > 0
	struct SunLight {
		vec3 direction;
		vec3 color;
	};
	uniform SunLight sunLights[ NUM_SUN_LIGHTS ];
	void getSunLightInfo( const in SunLight sunLight, out IncidentLight light ) {
		light.color = sunLight.color;
		light.direction = sunLight.direction;
		light.visible = true;
	}
#endif
#if NUM_DIR_LIGHTS > 0
	struct DirectionalLight {
		vec3 direction;
		vec3 color;
	};
	uniform DirectionalLight directionalLights[ NUM_DIR_LIGHTS ];
	void getDirectionalLightInfo( const in DirectionalLight directionalLight, out IncidentLight light ) {
		light.color = directionalLight.color;
		light.direction = directionalLight.direction;
		light.visible = true;
	}
#endif
#if NUM_POINT_LIGHTS > 0
	struct PointLight {
		vec3 position;
		vec3 color;
		float distance;
		float decay;
	};
	uniform PointLight pointLights[ NUM_POINT_LIGHTS ];
	void getPointLightInfo( const in PointLight pointLight, const in vec3 geometryPosition, out IncidentLight light ) {
		vec3 lVector = pointLight.position - geometryPosition;
		light.direction = normalize( lVector );
		float lightDistance = length( lVector );
		light.color = pointLight.color;
		light.color *= getDistanceAttenuation( lightDistance, pointLight.distance, pointLight.decay );
		light.visible = ( light.color != vec3( 0.0 ) );
	}
#endif
#if NUM_SPOT_LIGHTS > 0
	struct SpotLight {
		vec3 position;
		vec3 direction;
		vec3 color;
		float distance;
		float decay;
		float coneCos;
		float penumbraCos;
	};
	uniform SpotLight spotLights[ NUM_SPOT_LIGHTS ];
	void getSpotLightInfo( const in SpotLight spotLight, const in vec3 geometryPosition, out IncidentLight light ) {
		vec3 lVector = spotLight.position - geometryPosition;
		light.direction = normalize( lVector );
		float angleCos = dot( light.direction, spotLight.direction );
		float spotAttenuation = getSpotAttenuation( spotLight.coneCos, spotLight.penumbraCos, angleCos );
		if ( spotAttenuation > 0.0 ) {
			float lightDistance = length( lVector );
			light.color = spotLight.color * spotAttenuation;
			light.color *= getDistanceAttenuation( lightDistance, spotLight.distance, spotLight.decay );
			light.visible = ( light.color != vec3( 0.0 ) );
		} else {
			light.color = vec3( 0.0 );
			light.visible = false;
		}
	}
#endif
#if NUM_RECT_AREA_LIGHTS > 0
	struct RectAreaLight {
		vec3 color;
		vec3 position;
		vec3 halfWidth;
		vec3 halfHeight;
	};
	uniform sampler2D ltc_1;	uniform sampler2D ltc_2;
	uniform RectAreaLight rectAreaLights[ NUM_RECT_AREA_LIGHTS ];
#endif
#if NUM_HEMI_LIGHTS > 0
	struct HemisphereLight {
		vec3 direction;
		vec3 skyColor;
		vec3 groundColor;
	};
	uniform HemisphereLight hemisphereLights[ NUM_HEMI_LIGHTS ];
	vec3 getHemisphereLightIrradiance( const in HemisphereLight hemiLight, const in vec3 normal ) {
		float dotNL = dot( normal, hemiLight.direction );
		float hemiDiffuseWeight = 0.5 * dotNL + 0.5;
		vec3 irradiance = mix( hemiLight.groundColor, hemiLight.skyColor, hemiDiffuseWeight );
		return irradiance;
	}
#endif
#include <lightprobes_pars_fragment>`,ng=`#ifdef USE_ENVMAP
	vec3 getIBLIrradiance( const in vec3 normal ) {
		#ifdef ENVMAP_TYPE_PMREM
			vec3 worldNormal = transformNormalByInverseViewMatrix( normal, viewMatrix );
			vec4 envMapColor = textureLod( envMap, envMapRotation * worldNormal, ENVMAP_MAX_LOD );
			return PI * envMapColor.rgb * envMapIntensity;
		#else
			return vec3( 0.0 );
		#endif
	}
	vec3 getIBLRadiance( const in vec3 viewDir, const in vec3 normal, const in float roughness ) {
		#ifdef ENVMAP_TYPE_PMREM
			vec3 reflectVec = reflect( - viewDir, normal );
			reflectVec = normalize( mix( reflectVec, normal, pow4( roughness ) ) );
			reflectVec = transformDirectionByInverseViewMatrix( reflectVec, viewMatrix );
			vec4 envMapColor = textureLod( envMap, envMapRotation * reflectVec, roughnessToMip( roughness ) );
			return envMapColor.rgb * envMapIntensity;
		#else
			return vec3( 0.0 );
		#endif
	}
	#ifdef USE_RETROREFLECTION
		vec3 getIBLRetroRadiance( const in vec3 viewDir, const in vec3 normal, const in float roughness ) {
			#ifdef ENVMAP_TYPE_PMREM
				vec3 retroVec = normalize( mix( viewDir, normal, pow4( roughness ) ) );
				retroVec = transformDirectionByInverseViewMatrix( retroVec, viewMatrix );
				vec4 envMapColor = textureLod( envMap, envMapRotation * retroVec, roughnessToMip( roughness ) );
				return envMapColor.rgb * envMapIntensity;
			#else
				return vec3( 0.0 );
			#endif
		}
	#endif
	#ifdef USE_ANISOTROPY
		vec3 getIBLAnisotropyRadiance( const in vec3 viewDir, const in vec3 normal, const in float roughness, const in vec3 bitangent, const in float anisotropy ) {
			#ifdef ENVMAP_TYPE_PMREM
				vec3 bentNormal = cross( bitangent, viewDir );
				bentNormal = normalize( cross( bentNormal, bitangent ) );
				bentNormal = normalize( mix( bentNormal, normal, pow2( pow2( 1.0 - anisotropy * ( 1.0 - roughness ) ) ) ) );
				return getIBLRadiance( viewDir, bentNormal, roughness );
			#else
				return vec3( 0.0 );
			#endif
		}
		#ifdef USE_RETROREFLECTION
			vec3 getIBLAnisotropyRetroRadiance( const in vec3 viewDir, const in vec3 normal, const in float roughness, const in vec3 bitangent, const in float anisotropy ) {
				#ifdef ENVMAP_TYPE_PMREM
					vec3 bentNormal = cross( bitangent, viewDir );
					bentNormal = normalize( cross( bentNormal, bitangent ) );
					bentNormal = normalize( mix( bentNormal, normal, pow2( pow2( 1.0 - anisotropy * ( 1.0 - roughness ) ) ) ) );
					return getIBLRetroRadiance( viewDir, bentNormal, roughness );
				#else
					return vec3( 0.0 );
				#endif
			}
		#endif
	#endif
#endif`,ig=`ToonMaterial material;
material.diffuseColor = diffuseColor.rgb;`,sg=`varying vec3 vViewPosition;
struct ToonMaterial {
	vec3 diffuseColor;
};
void RE_Direct_Toon( const in IncidentLight directLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in ToonMaterial material, inout ReflectedLight reflectedLight ) {
	vec3 irradiance = getGradientIrradiance( geometryNormal, directLight.direction ) * directLight.color;
	reflectedLight.directDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
void RE_IndirectDiffuse_Toon( const in vec3 irradiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in ToonMaterial material, inout ReflectedLight reflectedLight ) {
	reflectedLight.indirectDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
#define RE_Direct				RE_Direct_Toon
#define RE_IndirectDiffuse		RE_IndirectDiffuse_Toon`,rg=`BlinnPhongMaterial material;
material.diffuseColor = diffuseColor.rgb;
material.specularColor = specular;
material.specularShininess = shininess;
material.specularStrength = specularStrength;`,ag=`varying vec3 vViewPosition;
struct BlinnPhongMaterial {
	vec3 diffuseColor;
	vec3 specularColor;
	float specularShininess;
	float specularStrength;
};
void RE_Direct_BlinnPhong( const in IncidentLight directLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in BlinnPhongMaterial material, inout ReflectedLight reflectedLight ) {
	float dotNL = saturate( dot( geometryNormal, directLight.direction ) );
	vec3 irradiance = dotNL * directLight.color;
	reflectedLight.directDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
	reflectedLight.directSpecular += irradiance * BRDF_BlinnPhong( directLight.direction, geometryViewDir, geometryNormal, material.specularColor, material.specularShininess ) * material.specularStrength;
}
void RE_IndirectDiffuse_BlinnPhong( const in vec3 irradiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in BlinnPhongMaterial material, inout ReflectedLight reflectedLight ) {
	reflectedLight.indirectDiffuse += irradiance * BRDF_Lambert( material.diffuseColor );
}
#define RE_Direct				RE_Direct_BlinnPhong
#define RE_IndirectDiffuse		RE_IndirectDiffuse_BlinnPhong`,og=`PhysicalMaterial material;
material.diffuseColor = diffuseColor.rgb;
material.diffuseContribution = diffuseColor.rgb * ( 1.0 - metalnessFactor );
material.metalness = metalnessFactor;
vec3 dxy = max( abs( dFdx( nonPerturbedNormal ) ), abs( dFdy( nonPerturbedNormal ) ) );
float geometryRoughness = max( max( dxy.x, dxy.y ), dxy.z );
material.roughness = max( roughnessFactor, 0.045 );
material.roughness += geometryRoughness;
material.roughness = min( material.roughness, 1.0 );
#ifdef USE_DIFFUSE_ROUGHNESS
	float diffuseRoughnessFactor = diffuseRoughness;
	#ifdef USE_DIFFUSE_ROUGHNESSMAP
		diffuseRoughnessFactor *= texture2D( diffuseRoughnessMap, vDiffuseRoughnessMapUv ).r;
	#endif
	material.diffuseRoughness = saturate( diffuseRoughnessFactor );
#endif
#ifdef IOR
	material.ior = ior;
	#ifdef USE_SPECULAR
		float specularIntensityFactor = specularIntensity;
		vec3 specularColorFactor = specularColor;
		#ifdef USE_SPECULAR_COLORMAP
			specularColorFactor *= texture2D( specularColorMap, vSpecularColorMapUv ).rgb;
		#endif
		#ifdef USE_SPECULAR_INTENSITYMAP
			specularIntensityFactor *= texture2D( specularIntensityMap, vSpecularIntensityMapUv ).a;
		#endif
		material.specularF90 = mix( specularIntensityFactor, 1.0, metalnessFactor );
	#else
		float specularIntensityFactor = 1.0;
		vec3 specularColorFactor = vec3( 1.0 );
		material.specularF90 = 1.0;
	#endif
	material.specularColor = min( pow2( ( material.ior - 1.0 ) / ( material.ior + 1.0 ) ) * specularColorFactor, vec3( 1.0 ) ) * specularIntensityFactor;
	material.specularColorBlended = mix( material.specularColor, diffuseColor.rgb, metalnessFactor );
#else
	material.specularColor = vec3( 0.04 );
	material.specularColorBlended = mix( material.specularColor, diffuseColor.rgb, metalnessFactor );
	material.specularF90 = 1.0;
#endif
#ifdef USE_CLEARCOAT
	material.clearcoat = clearcoat;
	material.clearcoatRoughness = clearcoatRoughness;
	material.clearcoatF0 = vec3( 0.04 );
	material.clearcoatF90 = 1.0;
	#ifdef USE_CLEARCOATMAP
		material.clearcoat *= texture2D( clearcoatMap, vClearcoatMapUv ).x;
	#endif
	#ifdef USE_CLEARCOAT_ROUGHNESSMAP
		material.clearcoatRoughness *= texture2D( clearcoatRoughnessMap, vClearcoatRoughnessMapUv ).y;
	#endif
	material.clearcoat = saturate( material.clearcoat );	material.clearcoatRoughness = max( material.clearcoatRoughness, 0.045 );
	material.clearcoatRoughness += geometryRoughness;
	material.clearcoatRoughness = min( material.clearcoatRoughness, 1.0 );
#endif
#ifdef USE_DISPERSION
	material.dispersion = dispersion;
#endif
#ifdef USE_RETROREFLECTION
	material.retroreflectivity = retroreflectivity;
#endif
#ifdef USE_IRIDESCENCE
	material.iridescence = iridescence;
	material.iridescenceIOR = iridescenceIOR;
	#ifdef USE_IRIDESCENCEMAP
		material.iridescence *= texture2D( iridescenceMap, vIridescenceMapUv ).r;
	#endif
	#ifdef USE_IRIDESCENCE_THICKNESSMAP
		material.iridescenceThickness = (iridescenceThicknessMaximum - iridescenceThicknessMinimum) * texture2D( iridescenceThicknessMap, vIridescenceThicknessMapUv ).g + iridescenceThicknessMinimum;
	#else
		material.iridescenceThickness = iridescenceThicknessMaximum;
	#endif
#endif
#ifdef USE_SHEEN
	material.sheenColor = sheenColor;
	#ifdef USE_SHEEN_COLORMAP
		material.sheenColor *= texture2D( sheenColorMap, vSheenColorMapUv ).rgb;
	#endif
	material.sheenRoughness = clamp( sheenRoughness, 0.0001, 1.0 );
	#ifdef USE_SHEEN_ROUGHNESSMAP
		material.sheenRoughness *= texture2D( sheenRoughnessMap, vSheenRoughnessMapUv ).a;
	#endif
#endif
#ifdef USE_ANISOTROPY
	#ifdef USE_ANISOTROPYMAP
		mat2 anisotropyMat = mat2( anisotropyVector.x, anisotropyVector.y, - anisotropyVector.y, anisotropyVector.x );
		vec3 anisotropyPolar = texture2D( anisotropyMap, vAnisotropyMapUv ).rgb;
		vec2 anisotropyV = anisotropyMat * normalize( 2.0 * anisotropyPolar.rg - vec2( 1.0 ) ) * anisotropyPolar.b;
	#else
		vec2 anisotropyV = anisotropyVector;
	#endif
	material.anisotropy = length( anisotropyV );
	if( material.anisotropy == 0.0 ) {
		anisotropyV = vec2( 1.0, 0.0 );
	} else {
		anisotropyV /= material.anisotropy;
		material.anisotropy = saturate( material.anisotropy );
	}
	material.alphaT = mix( pow2( material.roughness ), 1.0, pow2( material.anisotropy ) );
	material.anisotropyT = tbn[ 0 ] * anisotropyV.x + tbn[ 1 ] * anisotropyV.y;
	material.anisotropyB = tbn[ 1 ] * anisotropyV.x - tbn[ 0 ] * anisotropyV.y;
#endif`,lg=`uniform sampler2D dfgLUT;
struct PhysicalMaterial {
	vec3 diffuseColor;
	vec3 diffuseContribution;
	vec3 specularColor;
	vec3 specularColorBlended;
	float roughness;
	float metalness;
	float specularF90;
	float dispersion;
	vec2 dfg;
	vec3 multiScatteringCompensation;
	#ifdef USE_DIFFUSE_ROUGHNESS
		float diffuseRoughness;
	#endif
	#ifdef USE_RETROREFLECTION
		float retroreflectivity;
	#endif
	#ifdef USE_CLEARCOAT
		float clearcoat;
		float clearcoatRoughness;
		vec3 clearcoatF0;
		float clearcoatF90;
	#endif
	#ifdef USE_IRIDESCENCE
		float iridescence;
		float iridescenceIOR;
		float iridescenceThickness;
		vec3 iridescenceFresnel;
		vec3 iridescenceF0Dielectric;
		vec3 iridescenceF0Metallic;
	#endif
	#ifdef USE_SHEEN
		vec3 sheenColor;
		float sheenRoughness;
	#endif
	#ifdef IOR
		float ior;
	#endif
	#ifdef USE_TRANSMISSION
		float transmission;
		float transmissionAlpha;
		float thickness;
		float attenuationDistance;
		vec3 attenuationColor;
	#endif
	#ifdef USE_ANISOTROPY
		float anisotropy;
		float alphaT;
		vec3 anisotropyT;
		vec3 anisotropyB;
	#endif
};
vec3 clearcoatSpecularDirect = vec3( 0.0 );
vec3 clearcoatSpecularIndirect = vec3( 0.0 );
vec3 sheenSpecularDirect = vec3( 0.0 );
vec3 sheenSpecularIndirect = vec3(0.0 );
vec3 Schlick_to_F0( const in vec3 f, const in float f90, const in float dotVH ) {
    float x = clamp( 1.0 - dotVH, 0.0, 1.0 );
    float x2 = x * x;
    float x5 = clamp( x * x2 * x2, 0.0, 0.9999 );
    return ( f - vec3( f90 ) * x5 ) / ( 1.0 - x5 );
}
#ifdef USE_DIFFUSE_ROUGHNESS
	const float EON_EPSILON = 1e-7;
	float FON_DirectionalAlbedo( const in float mu, const in float roughness, const in float A ) {
		float muComp = 1.0 - mu;
		float gOverPi = muComp * ( 0.0571085289 + muComp * ( 0.491881867 + muComp * ( - 0.332181442 + muComp * 0.0714429953 ) ) );
		return A * ( 1.0 + roughness * gOverPi );
	}
	vec3 BRDF_EON( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, const in vec3 diffuseColor, const in float roughness ) {
		vec3 rho = saturate( diffuseColor );
		if ( roughness <= EON_EPSILON ) return BRDF_Lambert( rho );
		float dotNL = saturate( dot( normal, lightDir ) );
		float dotNV = saturate( dot( normal, viewDir ) );
		float s = dot( lightDir, viewDir ) - dotNL * dotNV;
		float sOverT = ( s > 0.0 ) ? s / max( max( dotNL, dotNV ), EON_EPSILON ) : s;
		float A = 1.0 / ( 1.0 + ( 0.5 - 2.0 / ( 3.0 * PI ) ) * roughness );
		vec3 singleScatter = rho * RECIPROCAL_PI * A * ( 1.0 + roughness * sOverT );
		float averageAlbedo = A * ( 1.0 + ( 2.0 / 3.0 - 28.0 / ( 15.0 * PI ) ) * roughness );
		float albedoV = FON_DirectionalAlbedo( dotNV, roughness, A );
		float albedoL = FON_DirectionalAlbedo( dotNL, roughness, A );
		vec3 rhoMultiScatter = rho * rho * averageAlbedo / max( vec3( EON_EPSILON ), vec3( 1.0 ) - rho * ( 1.0 - averageAlbedo ) );
		vec3 multiScatter = rhoMultiScatter * RECIPROCAL_PI
			* max( EON_EPSILON, 1.0 - albedoV )
			* max( EON_EPSILON, 1.0 - albedoL )
			/ max( EON_EPSILON, 1.0 - averageAlbedo );
		return singleScatter + multiScatter;
	}
	vec3 EON_DirectionalAlbedo( const in vec3 diffuseColor, const in float roughness, const in float dotNV ) {
		vec3 rho = saturate( diffuseColor );
		if ( roughness <= EON_EPSILON ) return rho;
		float A = 1.0 / ( 1.0 + ( 0.5 - 2.0 / ( 3.0 * PI ) ) * roughness );
		float directionalAlbedo = FON_DirectionalAlbedo( dotNV, roughness, A );
		float averageAlbedo = A * ( 1.0 + ( 2.0 / 3.0 - 28.0 / ( 15.0 * PI ) ) * roughness );
		vec3 rhoMultiScatter = rho * rho * averageAlbedo / max( vec3( EON_EPSILON ), vec3( 1.0 ) - rho * ( 1.0 - averageAlbedo ) );
		return rho * directionalAlbedo + rhoMultiScatter * ( 1.0 - directionalAlbedo );
	}
#endif
float V_GGX_SmithCorrelated( const in float alpha, const in float dotNL, const in float dotNV ) {
	float a2 = pow2( alpha );
	float gv = dotNL * sqrt( a2 + ( 1.0 - a2 ) * pow2( dotNV ) );
	float gl = dotNV * sqrt( a2 + ( 1.0 - a2 ) * pow2( dotNL ) );
	return 0.5 / max( gv + gl, EPSILON );
}
float D_GGX( const in float alpha, const in float dotNH ) {
	float a2 = pow2( alpha );
	float denom = pow2( dotNH ) * ( a2 - 1.0 ) + 1.0;
	return RECIPROCAL_PI * a2 / pow2( denom );
}
#ifdef USE_ANISOTROPY
	float V_GGX_SmithCorrelated_Anisotropic( const in float alphaT, const in float alphaB, const in float dotTV, const in float dotBV, const in float dotTL, const in float dotBL, const in float dotNV, const in float dotNL ) {
		float gv = dotNL * length( vec3( alphaT * dotTV, alphaB * dotBV, dotNV ) );
		float gl = dotNV * length( vec3( alphaT * dotTL, alphaB * dotBL, dotNL ) );
		return 0.5 / max( gv + gl, EPSILON );
	}
	float D_GGX_Anisotropic( const in float alphaT, const in float alphaB, const in float dotNH, const in float dotTH, const in float dotBH ) {
		float a2 = alphaT * alphaB;
		highp vec3 v = vec3( alphaB * dotTH, alphaT * dotBH, a2 * dotNH );
		highp float v2 = dot( v, v );
		float w2 = a2 / v2;
		return RECIPROCAL_PI * a2 * pow2 ( w2 );
	}
#endif
#ifdef USE_CLEARCOAT
	vec3 BRDF_GGX_Clearcoat( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, const in PhysicalMaterial material) {
		vec3 f0 = material.clearcoatF0;
		float f90 = material.clearcoatF90;
		float roughness = max( material.clearcoatRoughness, 0.045 );
		float alpha = pow2( roughness );
		vec3 halfDir = normalize( lightDir + viewDir );
		float dotNL = saturate( dot( normal, lightDir ) );
		float dotNV = saturate( dot( normal, viewDir ) );
		float dotNH = saturate( dot( normal, halfDir ) );
		float dotVH = saturate( dot( viewDir, halfDir ) );
		vec3 F = F_Schlick( f0, f90, dotVH );
		float V = V_GGX_SmithCorrelated( alpha, dotNL, dotNV );
		float D = D_GGX( alpha, dotNH );
		return F * ( V * D );
	}
#endif
vec3 BRDF_GGX( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, const in PhysicalMaterial material ) {
	vec3 f0 = material.specularColorBlended;
	float f90 = material.specularF90;
	float roughness = max( material.roughness, 0.045 );
	float alpha = pow2( roughness );
	vec3 halfDir = normalize( lightDir + viewDir );
	float dotNL = saturate( dot( normal, lightDir ) );
	float dotNV = saturate( dot( normal, viewDir ) );
	float dotNH = saturate( dot( normal, halfDir ) );
	float dotVH = saturate( dot( viewDir, halfDir ) );
	vec3 F = F_Schlick( f0, f90, dotVH );
	#ifdef USE_IRIDESCENCE
		F = mix( F, material.iridescenceFresnel, material.iridescence );
	#endif
	#ifdef USE_ANISOTROPY
		float dotTL = dot( material.anisotropyT, lightDir );
		float dotTV = dot( material.anisotropyT, viewDir );
		float dotTH = dot( material.anisotropyT, halfDir );
		float dotBL = dot( material.anisotropyB, lightDir );
		float dotBV = dot( material.anisotropyB, viewDir );
		float dotBH = dot( material.anisotropyB, halfDir );
		float alphaT = max( material.alphaT, alpha );
		float V = V_GGX_SmithCorrelated_Anisotropic( alphaT, alpha, dotTV, dotBV, dotTL, dotBL, dotNV, dotNL );
		float D = D_GGX_Anisotropic( alphaT, alpha, dotNH, dotTH, dotBH );
	#else
		float V = V_GGX_SmithCorrelated( alpha, dotNL, dotNV );
		float D = D_GGX( alpha, dotNH );
	#endif
	return F * ( V * D );
}
vec2 LTC_Uv( const in vec3 N, const in vec3 V, const in float roughness ) {
	const float LUT_SIZE = 64.0;
	const float LUT_SCALE = ( LUT_SIZE - 1.0 ) / LUT_SIZE;
	const float LUT_BIAS = 0.5 / LUT_SIZE;
	float dotNV = saturate( dot( N, V ) );
	vec2 uv = vec2( roughness, sqrt( 1.0 - dotNV ) );
	uv = uv * LUT_SCALE + LUT_BIAS;
	return uv;
}
float LTC_ClippedSphereFormFactor( const in vec3 f ) {
	float l = length( f );
	return max( ( l * l + f.z ) / ( l + 1.0 ), 0.0 );
}
vec3 LTC_EdgeVectorFormFactor( const in vec3 v1, const in vec3 v2 ) {
	float x = dot( v1, v2 );
	float y = abs( x );
	float a = 0.8543985 + ( 0.4965155 + 0.0145206 * y ) * y;
	float b = 3.4175940 + ( 4.1616724 + y ) * y;
	float v = a / b;
	float theta_sintheta = ( x > 0.0 ) ? v : 0.5 * inversesqrt( max( 1.0 - x * x, 1e-7 ) ) - v;
	return cross( v1, v2 ) * theta_sintheta;
}
vec3 LTC_Evaluate( const in vec3 N, const in vec3 V, const in vec3 P, const in mat3 mInv, const in vec3 rectCoords[ 4 ] ) {
	vec3 v1 = rectCoords[ 1 ] - rectCoords[ 0 ];
	vec3 v2 = rectCoords[ 3 ] - rectCoords[ 0 ];
	vec3 lightNormal = cross( v1, v2 );
	if( dot( lightNormal, P - rectCoords[ 0 ] ) < 0.0 ) return vec3( 0.0 );
	vec3 T1, T2;
	T1 = normalize( V - N * dot( V, N ) );
	T2 = - cross( N, T1 );
	mat3 mat = mInv * transpose( mat3( T1, T2, N ) );
	vec3 coords[ 4 ];
	coords[ 0 ] = mat * ( rectCoords[ 0 ] - P );
	coords[ 1 ] = mat * ( rectCoords[ 1 ] - P );
	coords[ 2 ] = mat * ( rectCoords[ 2 ] - P );
	coords[ 3 ] = mat * ( rectCoords[ 3 ] - P );
	coords[ 0 ] = normalize( coords[ 0 ] );
	coords[ 1 ] = normalize( coords[ 1 ] );
	coords[ 2 ] = normalize( coords[ 2 ] );
	coords[ 3 ] = normalize( coords[ 3 ] );
	vec3 vectorFormFactor = vec3( 0.0 );
	vectorFormFactor += LTC_EdgeVectorFormFactor( coords[ 0 ], coords[ 1 ] );
	vectorFormFactor += LTC_EdgeVectorFormFactor( coords[ 1 ], coords[ 2 ] );
	vectorFormFactor += LTC_EdgeVectorFormFactor( coords[ 2 ], coords[ 3 ] );
	vectorFormFactor += LTC_EdgeVectorFormFactor( coords[ 3 ], coords[ 0 ] );
	float result = LTC_ClippedSphereFormFactor( vectorFormFactor );
	return vec3( result );
}
#if defined( USE_SHEEN )
float D_Charlie( float roughness, float dotNH ) {
	float alpha = pow2( roughness );
	float invAlpha = 1.0 / alpha;
	float cos2h = dotNH * dotNH;
	float sin2h = max( 1.0 - cos2h, 0.0078125 );
	return ( 2.0 + invAlpha ) * pow( sin2h, invAlpha * 0.5 ) / ( 2.0 * PI );
}
float V_Neubelt( float dotNV, float dotNL ) {
	return saturate( 1.0 / ( 4.0 * ( dotNL + dotNV - dotNL * dotNV ) ) );
}
vec3 BRDF_Sheen( const in vec3 lightDir, const in vec3 viewDir, const in vec3 normal, vec3 sheenColor, const in float sheenRoughness ) {
	vec3 halfDir = normalize( lightDir + viewDir );
	float dotNL = saturate( dot( normal, lightDir ) );
	float dotNV = saturate( dot( normal, viewDir ) );
	float dotNH = saturate( dot( normal, halfDir ) );
	float D = D_Charlie( sheenRoughness, dotNH );
	float V = V_Neubelt( dotNV, dotNL );
	return sheenColor * ( D * V );
}
#endif
float IBLSheenBRDF( const in vec3 normal, const in vec3 viewDir, const in float roughness ) {
	float dotNV = saturate( dot( normal, viewDir ) );
	float r2 = roughness * roughness;
	float rInv = 1.0 / ( roughness + 0.1 );
	float a = -1.9362 + 1.0678 * roughness + 0.4573 * r2 - 0.8469 * rInv;
	float b = -0.6014 + 0.5538 * roughness - 0.4670 * r2 - 0.1255 * rInv;
	float DG = exp( a * dotNV + b );
	return saturate( DG );
}
vec3 EnvironmentBRDF( const in vec3 normal, const in vec3 viewDir, const in vec3 specularColor, const in float specularF90, const in float roughness ) {
	float dotNV = saturate( dot( normal, viewDir ) );
	vec2 fab = texture2D( dfgLUT, vec2( roughness, dotNV ) ).rg;
	return specularColor * fab.x + specularF90 * fab.y;
}
#ifdef USE_IRIDESCENCE
void computeMultiscatteringIridescence( const in vec2 fab, const in vec3 specularColor, const in float specularF90, const in float iridescence, const in vec3 iridescenceF0, inout vec3 singleScatter, inout vec3 multiScatter ) {
#else
void computeMultiscattering( const in vec2 fab, const in vec3 specularColor, const in float specularF90, inout vec3 singleScatter, inout vec3 multiScatter ) {
#endif
	#ifdef USE_IRIDESCENCE
		vec3 Fr = mix( specularColor, iridescenceF0, iridescence );
	#else
		vec3 Fr = specularColor;
	#endif
	vec3 FssEss = Fr * fab.x + specularF90 * fab.y;
	float Ess = fab.x + fab.y;
	float Ems = 1.0 - Ess;
	vec3 Favg = Fr + ( 1.0 - Fr ) * 0.047619;	vec3 Fms = FssEss * Favg / ( 1.0 - Ems * Favg );
	singleScatter += FssEss;
	multiScatter += Fms * Ems;
}
#if NUM_RECT_AREA_LIGHTS > 0
	void RE_Direct_RectArea_Physical( const in RectAreaLight rectAreaLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in PhysicalMaterial material, inout ReflectedLight reflectedLight ) {
		vec3 normal = geometryNormal;
		vec3 viewDir = geometryViewDir;
		vec3 position = geometryPosition;
		vec3 lightPos = rectAreaLight.position;
		vec3 halfWidth = rectAreaLight.halfWidth;
		vec3 halfHeight = rectAreaLight.halfHeight;
		vec3 lightColor = rectAreaLight.color;
		float roughness = material.roughness;
		vec3 rectCoords[ 4 ];
		rectCoords[ 0 ] = lightPos + halfWidth - halfHeight;		rectCoords[ 1 ] = lightPos - halfWidth - halfHeight;
		rectCoords[ 2 ] = lightPos - halfWidth + halfHeight;
		rectCoords[ 3 ] = lightPos + halfWidth + halfHeight;
		vec2 uv = LTC_Uv( normal, viewDir, roughness );
		vec4 t1 = texture2D( ltc_1, uv );
		vec4 t2 = texture2D( ltc_2, uv );
		mat3 mInv = mat3(
			vec3( t1.x, 0, t1.y ),
			vec3(    0, 1,    0 ),
			vec3( t1.z, 0, t1.w )
		);
		vec3 fresnel = ( material.specularColorBlended * t2.x + ( material.specularF90 - material.specularColorBlended ) * t2.y );
		reflectedLight.directSpecular += lightColor * fresnel * LTC_Evaluate( normal, viewDir, position, mInv, rectCoords );
		reflectedLight.directDiffuse += lightColor * material.diffuseContribution * LTC_Evaluate( normal, viewDir, position, mat3( 1.0 ), rectCoords );
		#ifdef USE_CLEARCOAT
			vec3 Ncc = geometryClearcoatNormal;
			vec2 uvClearcoat = LTC_Uv( Ncc, viewDir, material.clearcoatRoughness );
			vec4 t1Clearcoat = texture2D( ltc_1, uvClearcoat );
			vec4 t2Clearcoat = texture2D( ltc_2, uvClearcoat );
			mat3 mInvClearcoat = mat3(
				vec3( t1Clearcoat.x, 0, t1Clearcoat.y ),
				vec3(             0, 1,             0 ),
				vec3( t1Clearcoat.z, 0, t1Clearcoat.w )
			);
			vec3 fresnelClearcoat = material.clearcoatF0 * t2Clearcoat.x + ( material.clearcoatF90 - material.clearcoatF0 ) * t2Clearcoat.y;
			clearcoatSpecularDirect += lightColor * fresnelClearcoat * LTC_Evaluate( Ncc, viewDir, position, mInvClearcoat, rectCoords );
		#endif
	}
#endif
void RE_Direct_Physical( const in IncidentLight directLight, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in PhysicalMaterial material, inout ReflectedLight reflectedLight ) {
	float dotNL = saturate( dot( geometryNormal, directLight.direction ) );
	vec3 irradiance = dotNL * directLight.color;
	#ifdef USE_CLEARCOAT
		float dotNLcc = saturate( dot( geometryClearcoatNormal, directLight.direction ) );
		vec3 ccIrradiance = dotNLcc * directLight.color;
		clearcoatSpecularDirect += ccIrradiance * BRDF_GGX_Clearcoat( directLight.direction, geometryViewDir, geometryClearcoatNormal, material );
	#endif
	#ifdef USE_SHEEN
 
 		sheenSpecularDirect += irradiance * BRDF_Sheen( directLight.direction, geometryViewDir, geometryNormal, material.sheenColor, material.sheenRoughness );
 
 		float sheenAlbedoV = IBLSheenBRDF( geometryNormal, geometryViewDir, material.sheenRoughness );
 		float sheenAlbedoL = IBLSheenBRDF( geometryNormal, directLight.direction, material.sheenRoughness );
 
 		float sheenEnergyComp = 1.0 - max3( material.sheenColor ) * max( sheenAlbedoV, sheenAlbedoL );
 
 		irradiance *= sheenEnergyComp;
 
 	#endif
	vec3 specularBRDF = BRDF_GGX( directLight.direction, geometryViewDir, geometryNormal, material );
	#ifdef USE_RETROREFLECTION
		vec3 retroViewDir = reflect( - geometryViewDir, geometryNormal );
		vec3 retroSpecularBRDF = BRDF_GGX( directLight.direction, retroViewDir, geometryNormal, material );
		specularBRDF = mix( specularBRDF, retroSpecularBRDF, saturate( material.retroreflectivity ) );
	#endif
	reflectedLight.directSpecular += irradiance * specularBRDF * material.multiScatteringCompensation;
	vec3 halfDir = normalize( directLight.direction + geometryViewDir );
	float dotVH = saturate( dot( geometryViewDir, halfDir ) );
	vec3 F = F_Schlick( material.specularColor, material.specularF90, dotVH );
	#ifdef USE_RETROREFLECTION
		vec3 retroHalfDir = normalize( directLight.direction + retroViewDir );
		float dotRetroVH = saturate( dot( retroViewDir, retroHalfDir ) );
		vec3 retroF = F_Schlick( material.specularColor, material.specularF90, dotRetroVH );
		F = mix( F, retroF, saturate( material.retroreflectivity ) );
	#endif
	#ifdef USE_DIFFUSE_ROUGHNESS
		vec3 diffuseBRDF = BRDF_EON( directLight.direction, geometryViewDir, geometryNormal, material.diffuseColor, material.diffuseRoughness ) * ( 1.0 - material.metalness );
	#else
		vec3 diffuseBRDF = BRDF_Lambert( material.diffuseContribution );
	#endif
	reflectedLight.directDiffuse += irradiance * diffuseBRDF * ( 1.0 - F );
}
void RE_IndirectDiffuse_Physical( const in vec3 irradiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in PhysicalMaterial material, inout ReflectedLight reflectedLight ) {
	vec3 singleScattering = vec3( 0.0 );
	vec3 multiScattering = vec3( 0.0 );
	#ifdef USE_IRIDESCENCE
		computeMultiscatteringIridescence( material.dfg, material.specularColor, material.specularF90, material.iridescence, material.iridescenceF0Dielectric, singleScattering, multiScattering );
	#else
		computeMultiscattering( material.dfg, material.specularColor, material.specularF90, singleScattering, multiScattering );
	#endif
	#ifdef USE_DIFFUSE_ROUGHNESS
		float dotNV = saturate( dot( geometryNormal, geometryViewDir ) );
		vec3 diffuseAlbedo = EON_DirectionalAlbedo( material.diffuseColor, material.diffuseRoughness, dotNV ) * ( 1.0 - material.metalness );
		vec3 diffuse = irradiance * RECIPROCAL_PI * diffuseAlbedo * ( 1.0 - singleScattering - multiScattering );
	#else
		vec3 diffuse = irradiance * BRDF_Lambert( material.diffuseContribution ) * ( 1.0 - singleScattering - multiScattering );
	#endif
	#ifdef USE_SHEEN
		float sheenAlbedo = IBLSheenBRDF( geometryNormal, geometryViewDir, material.sheenRoughness );
		sheenSpecularIndirect += irradiance * material.sheenColor * sheenAlbedo * RECIPROCAL_PI;
		float sheenEnergyComp = 1.0 - max3( material.sheenColor ) * sheenAlbedo;
		diffuse *= sheenEnergyComp;
	#endif
	reflectedLight.indirectDiffuse += diffuse;
}
void RE_IndirectSpecular_Physical( const in vec3 radiance, const in vec3 irradiance, const in vec3 clearcoatRadiance, const in vec3 geometryPosition, const in vec3 geometryNormal, const in vec3 geometryViewDir, const in vec3 geometryClearcoatNormal, const in PhysicalMaterial material, inout ReflectedLight reflectedLight) {
	#ifdef USE_CLEARCOAT
		clearcoatSpecularIndirect += clearcoatRadiance * EnvironmentBRDF( geometryClearcoatNormal, geometryViewDir, material.clearcoatF0, material.clearcoatF90, material.clearcoatRoughness );
	#endif
	#ifdef USE_SHEEN
		sheenSpecularIndirect += irradiance * material.sheenColor * IBLSheenBRDF( geometryNormal, geometryViewDir, material.sheenRoughness ) * RECIPROCAL_PI;
 	#endif
	vec3 singleScatteringDielectric = vec3( 0.0 );
	vec3 multiScatteringDielectric = vec3( 0.0 );
	vec3 singleScatteringMetallic = vec3( 0.0 );
	vec3 multiScatteringMetallic = vec3( 0.0 );
	#ifdef USE_IRIDESCENCE
		computeMultiscatteringIridescence( material.dfg, material.specularColor, material.specularF90, material.iridescence, material.iridescenceF0Dielectric, singleScatteringDielectric, multiScatteringDielectric );
		computeMultiscatteringIridescence( material.dfg, material.diffuseColor, material.specularF90, material.iridescence, material.iridescenceF0Metallic, singleScatteringMetallic, multiScatteringMetallic );
	#else
		computeMultiscattering( material.dfg, material.specularColor, material.specularF90, singleScatteringDielectric, multiScatteringDielectric );
		computeMultiscattering( material.dfg, material.diffuseColor, material.specularF90, singleScatteringMetallic, multiScatteringMetallic );
	#endif
	vec3 singleScattering = mix( singleScatteringDielectric, singleScatteringMetallic, material.metalness );
	vec3 multiScattering = mix( multiScatteringDielectric, multiScatteringMetallic, material.metalness );
	vec3 totalScatteringDielectric = singleScatteringDielectric + multiScatteringDielectric;
	#ifdef USE_DIFFUSE_ROUGHNESS
		float dotNV = saturate( dot( geometryNormal, geometryViewDir ) );
		vec3 diffuse = EON_DirectionalAlbedo( material.diffuseColor, material.diffuseRoughness, dotNV ) * ( 1.0 - material.metalness ) * ( 1.0 - totalScatteringDielectric );
	#else
		vec3 diffuse = material.diffuseContribution * ( 1.0 - totalScatteringDielectric );
	#endif
	vec3 cosineWeightedIrradiance = irradiance * RECIPROCAL_PI;
	vec3 indirectSpecular = radiance * singleScattering;
	indirectSpecular += multiScattering * cosineWeightedIrradiance;
	vec3 indirectDiffuse = diffuse * cosineWeightedIrradiance;
	#ifdef USE_SHEEN
		float sheenAlbedo = IBLSheenBRDF( geometryNormal, geometryViewDir, material.sheenRoughness );
		float sheenEnergyComp = 1.0 - max3( material.sheenColor ) * sheenAlbedo;
		indirectSpecular *= sheenEnergyComp;
		indirectDiffuse *= sheenEnergyComp;
	#endif
	reflectedLight.indirectSpecular += indirectSpecular;
	reflectedLight.indirectDiffuse += indirectDiffuse;
}
#define RE_Direct				RE_Direct_Physical
#define RE_Direct_RectArea		RE_Direct_RectArea_Physical
#define RE_IndirectDiffuse		RE_IndirectDiffuse_Physical
#define RE_IndirectSpecular		RE_IndirectSpecular_Physical
float computeSpecularOcclusion( const in float dotNV, const in float ambientOcclusion, const in float roughness ) {
	return saturate( pow( dotNV + ambientOcclusion, exp2( - 16.0 * roughness - 1.0 ) ) - 1.0 + ambientOcclusion );
}`,cg=`
vec3 geometryPosition = - vViewPosition;
vec3 geometryNormal = normal;
vec3 geometryViewDir = ( isOrthographic ) ? vec3( 0, 0, 1 ) : normalize( vViewPosition );
vec3 geometryClearcoatNormal = vec3( 0.0 );
#ifdef USE_CLEARCOAT
	geometryClearcoatNormal = clearcoatNormal;
#endif
#ifdef USE_IRIDESCENCE
	float dotNVi = saturate( dot( normal, geometryViewDir ) );
	if ( material.iridescenceThickness == 0.0 ) {
		material.iridescence = 0.0;
	} else {
		material.iridescence = saturate( material.iridescence );
	}
	if ( material.iridescence > 0.0 ) {
		vec3 iridescenceFresnelDielectric = evalIridescence( 1.0, material.iridescenceIOR, dotNVi, material.iridescenceThickness, material.specularColor );
		vec3 iridescenceFresnelMetallic = evalIridescence( 1.0, material.iridescenceIOR, dotNVi, material.iridescenceThickness, material.diffuseColor );
		material.iridescenceFresnel = mix( iridescenceFresnelDielectric, iridescenceFresnelMetallic, material.metalness );
		material.iridescenceF0Dielectric = Schlick_to_F0( iridescenceFresnelDielectric, 1.0, dotNVi );
		material.iridescenceF0Metallic = Schlick_to_F0( iridescenceFresnelMetallic, 1.0, dotNVi );
	}
#endif
#ifdef STANDARD
	float dotNVms = saturate( dot( geometryNormal, geometryViewDir ) );
	material.dfg = texture2D( dfgLUT, vec2( material.roughness, dotNVms ) ).rg;
	#if ( NUM_SUN_LIGHTS > 0 || NUM_DIR_LIGHTS > 0 || NUM_POINT_LIGHTS > 0 || NUM_SPOT_LIGHTS > 0 )
		float EssMs = material.dfg.x + material.dfg.y;
		material.multiScatteringCompensation = 1.0 + material.specularColorBlended * ( 1.0 / EssMs - 1.0 );
	#endif
#endif
IncidentLight directLight;
#if ( NUM_POINT_LIGHTS > 0 ) && defined( RE_Direct )
	PointLight pointLight;
	#if defined( USE_SHADOWMAP ) && NUM_POINT_LIGHT_SHADOWS > 0
	PointLightShadow pointLightShadow;
	#endif
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_POINT_LIGHTS; i ++ ) {
		pointLight = pointLights[ i ];
		getPointLightInfo( pointLight, geometryPosition, directLight );
		#if defined( USE_SHADOWMAP ) && ( UNROLLED_LOOP_INDEX < NUM_POINT_LIGHT_SHADOWS ) && ( defined( SHADOWMAP_TYPE_PCF ) || defined( SHADOWMAP_TYPE_BASIC ) )
		pointLightShadow = pointLightShadows[ i ];
		directLight.color *= ( directLight.visible && receiveShadow ) ? getPointShadow( pointShadowMap[ i ], pointLightShadow.shadowMapSize, pointLightShadow.shadowIntensity, pointLightShadow.shadowBias, pointLightShadow.shadowRadius, vPointShadowCoord[ i ], pointLightShadow.shadowCameraNear, pointLightShadow.shadowCameraFar ) : 1.0;
		#endif
		RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if ( NUM_SPOT_LIGHTS > 0 ) && defined( RE_Direct )
	SpotLight spotLight;
	vec4 spotColor;
	vec3 spotLightCoord;
	bool inSpotLightMap;
	#if defined( USE_SHADOWMAP ) && NUM_SPOT_LIGHT_SHADOWS > 0
	SpotLightShadow spotLightShadow;
	#endif
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SPOT_LIGHTS; i ++ ) {
		spotLight = spotLights[ i ];
		getSpotLightInfo( spotLight, geometryPosition, directLight );
		#if ( UNROLLED_LOOP_INDEX < NUM_SPOT_LIGHT_SHADOWS_WITH_MAPS )
		#define SPOT_LIGHT_MAP_INDEX UNROLLED_LOOP_INDEX
		#elif ( UNROLLED_LOOP_INDEX < NUM_SPOT_LIGHT_SHADOWS )
		#define SPOT_LIGHT_MAP_INDEX NUM_SPOT_LIGHT_MAPS
		#else
		#define SPOT_LIGHT_MAP_INDEX ( UNROLLED_LOOP_INDEX - NUM_SPOT_LIGHT_SHADOWS + NUM_SPOT_LIGHT_SHADOWS_WITH_MAPS )
		#endif
		#if ( SPOT_LIGHT_MAP_INDEX < NUM_SPOT_LIGHT_MAPS )
			spotLightCoord = vSpotLightCoord[ i ].xyz / vSpotLightCoord[ i ].w;
			inSpotLightMap = all( lessThan( abs( spotLightCoord * 2. - 1. ), vec3( 1.0 ) ) );
			spotColor = texture2D( spotLightMap[ SPOT_LIGHT_MAP_INDEX ], spotLightCoord.xy );
			directLight.color = inSpotLightMap ? directLight.color * spotColor.rgb : directLight.color;
		#endif
		#undef SPOT_LIGHT_MAP_INDEX
		#if defined( USE_SHADOWMAP ) && ( UNROLLED_LOOP_INDEX < NUM_SPOT_LIGHT_SHADOWS )
		spotLightShadow = spotLightShadows[ i ];
		directLight.color *= ( directLight.visible && receiveShadow ) ? getShadow( spotShadowMap[ i ], spotLightShadow.shadowMapSize, spotLightShadow.shadowIntensity, spotLightShadow.shadowBias, spotLightShadow.shadowRadius, vSpotLightCoord[ i ] ) : 1.0;
		#endif
		RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if ( NUM_SUN_LIGHTS > 0 ) && defined( RE_Direct )
	SunLight sunLight;
	#if defined( USE_SHADOWMAP ) && NUM_SUN_LIGHT_SHADOWS > 0
	SunLightShadow sunLightShadow;
	#endif
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SUN_LIGHTS; i ++ ) {
		sunLight = sunLights[ i ];
		getSunLightInfo( sunLight, directLight );
		#if defined( USE_SHADOWMAP ) && ( UNROLLED_LOOP_INDEX < NUM_SUN_LIGHT_SHADOWS )
		sunLightShadow = sunLightShadows[ i ];
		directLight.color *= ( directLight.visible && receiveShadow ) ? getSunShadow( sunShadowMap[ i ], sunLightShadow, UNROLLED_LOOP_INDEX ) : 1.0;
		#endif
		RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if ( NUM_DIR_LIGHTS > 0 ) && defined( RE_Direct )
	DirectionalLight directionalLight;
	#if defined( USE_SHADOWMAP ) && NUM_DIR_LIGHT_SHADOWS > 0
	DirectionalLightShadow directionalLightShadow;
	#endif
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_DIR_LIGHTS; i ++ ) {
		directionalLight = directionalLights[ i ];
		getDirectionalLightInfo( directionalLight, directLight );
		#if defined( USE_SHADOWMAP ) && ( UNROLLED_LOOP_INDEX < NUM_DIR_LIGHT_SHADOWS )
		directionalLightShadow = directionalLightShadows[ i ];
		directLight.color *= ( directLight.visible && receiveShadow ) ? getShadow( directionalShadowMap[ i ], directionalLightShadow.shadowMapSize, directionalLightShadow.shadowIntensity, directionalLightShadow.shadowBias, directionalLightShadow.shadowRadius, vDirectionalShadowCoord[ i ] ) : 1.0;
		#endif
		RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if ( NUM_RECT_AREA_LIGHTS > 0 ) && defined( RE_Direct_RectArea )
	RectAreaLight rectAreaLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_RECT_AREA_LIGHTS; i ++ ) {
		rectAreaLight = rectAreaLights[ i ];
		RE_Direct_RectArea( rectAreaLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
	}
	#pragma unroll_loop_end
#endif
#if defined( RE_IndirectDiffuse )
	vec3 iblIrradiance = vec3( 0.0 );
	vec3 irradiance = getAmbientLightIrradiance( ambientLightColor );
	#if defined( USE_LIGHT_PROBES )
		irradiance += getLightProbeIrradiance( lightProbe, geometryNormal );
	#endif
	#if ( NUM_HEMI_LIGHTS > 0 )
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_HEMI_LIGHTS; i ++ ) {
			irradiance += getHemisphereLightIrradiance( hemisphereLights[ i ], geometryNormal );
		}
		#pragma unroll_loop_end
	#endif
	#if NUM_LIGHT_PROBE_GRIDS > 0
		vec3 probeWorldPos = ( ( vec4( geometryPosition, 1.0 ) - viewMatrix[ 3 ] ) * viewMatrix ).xyz;
		vec3 probeWorldNormal = transformNormalByInverseViewMatrix( geometryNormal, viewMatrix );
		int probeGrid = - 1;
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_LIGHT_PROBE_GRIDS; i ++ ) {
			if ( isInsideLightProbeGrid( probeWorldPos, probeWorldNormal, probesMin[ i ], probesMax[ i ], probesResolution[ i ] ) ) probeGrid = UNROLLED_LOOP_INDEX;
		}
		#pragma unroll_loop_end
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_LIGHT_PROBE_GRIDS; i ++ ) {
			if ( probeGrid == UNROLLED_LOOP_INDEX ) irradiance += getLightProbeGridIrradiance( probesSH[ i ], probesMin[ i ], probesMax[ i ], probesResolution[ i ], probeWorldPos, probeWorldNormal );
		}
		#pragma unroll_loop_end
	#endif
#endif
#if defined( RE_IndirectSpecular )
	vec3 radiance = vec3( 0.0 );
	vec3 clearcoatRadiance = vec3( 0.0 );
#endif`,ug=`#if defined( RE_IndirectDiffuse )
	#ifdef USE_LIGHTMAP
		vec4 lightMapTexel = texture2D( lightMap, vLightMapUv );
		vec3 lightMapIrradiance = lightMapTexel.rgb * lightMapIntensity;
		irradiance += lightMapIrradiance;
	#endif
	#if defined( USE_ENVMAP ) && defined( ENVMAP_TYPE_PMREM )
		#if defined( STANDARD ) || defined( LAMBERT ) || defined( PHONG )
			iblIrradiance += getIBLIrradiance( geometryNormal );
		#endif
	#endif
#endif
#if defined( USE_ENVMAP ) && defined( RE_IndirectSpecular )
	#ifdef USE_ANISOTROPY
		vec3 iblRadiance = getIBLAnisotropyRadiance( geometryViewDir, geometryNormal, material.roughness, material.anisotropyB, material.anisotropy );
	#else
		vec3 iblRadiance = getIBLRadiance( geometryViewDir, geometryNormal, material.roughness );
	#endif
	#ifdef USE_RETROREFLECTION
		#ifdef USE_ANISOTROPY
			vec3 retroIBLRadiance = getIBLAnisotropyRetroRadiance( geometryViewDir, geometryNormal, material.roughness, material.anisotropyB, material.anisotropy );
		#else
			vec3 retroIBLRadiance = getIBLRetroRadiance( geometryViewDir, geometryNormal, material.roughness );
		#endif
		iblRadiance = mix( iblRadiance, retroIBLRadiance, saturate( material.retroreflectivity ) );
	#endif
	radiance += iblRadiance;
	#ifdef USE_CLEARCOAT
		clearcoatRadiance += getIBLRadiance( geometryViewDir, geometryClearcoatNormal, material.clearcoatRoughness );
	#endif
#endif`,hg=`#if defined( RE_IndirectDiffuse )
	#if defined( LAMBERT ) || defined( PHONG )
		irradiance += iblIrradiance;
	#endif
	RE_IndirectDiffuse( irradiance, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
#endif
#if defined( RE_IndirectSpecular )
	RE_IndirectSpecular( radiance, iblIrradiance, clearcoatRadiance, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
#endif`,dg=`#if NUM_LIGHT_PROBE_GRIDS > 0
uniform highp sampler3D probesSH[ NUM_LIGHT_PROBE_GRIDS ];
uniform vec3 probesMin[ NUM_LIGHT_PROBE_GRIDS ];
uniform vec3 probesMax[ NUM_LIGHT_PROBE_GRIDS ];
uniform vec3 probesResolution[ NUM_LIGHT_PROBE_GRIDS ];
bool isInsideLightProbeGrid( vec3 worldPos, vec3 worldNormal, vec3 probesMin, vec3 probesMax, vec3 probesResolution ) {
	vec3 spacing = ( probesMax - probesMin ) / probesResolution;
	vec3 samplePos = worldPos + worldNormal * spacing * 0.5;
	vec3 margin = spacing * 0.01;
	return all( greaterThanEqual( samplePos, probesMin - margin ) ) && all( lessThanEqual( samplePos, probesMax + margin ) );
}
vec3 getLightProbeGridIrradiance( highp sampler3D probesSH, vec3 probesMin, vec3 probesMax, vec3 probesResolution, vec3 worldPos, vec3 worldNormal ) {
	vec3 res = probesResolution;
	vec3 gridRange = probesMax - probesMin;
	vec3 probeSpacing = gridRange / res;
	vec3 samplePos = worldPos + worldNormal * probeSpacing * 0.5;
	vec3 uvw = clamp( ( samplePos - probesMin ) / gridRange, 0.5 / res, 1.0 - 0.5 / res );
	float nz          = res.z;
	float paddedSlices = nz + 2.0;
	float atlasDepth  = 7.0 * paddedSlices;
	float uvZBase     = uvw.z * nz + 1.0;
	vec4 s0 = texture( probesSH, vec3( uvw.xy, ( uvZBase                       ) / atlasDepth ) );
	vec4 s1 = texture( probesSH, vec3( uvw.xy, ( uvZBase +       paddedSlices   ) / atlasDepth ) );
	vec4 s2 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 2.0 * paddedSlices   ) / atlasDepth ) );
	vec4 s3 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 3.0 * paddedSlices   ) / atlasDepth ) );
	vec4 s4 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 4.0 * paddedSlices   ) / atlasDepth ) );
	vec4 s5 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 5.0 * paddedSlices   ) / atlasDepth ) );
	vec4 s6 = texture( probesSH, vec3( uvw.xy, ( uvZBase + 6.0 * paddedSlices   ) / atlasDepth ) );
	vec3 c0 = s0.xyz;
	vec3 c1 = vec3( s0.w, s1.xy );
	vec3 c2 = vec3( s1.zw, s2.x );
	vec3 c3 = s2.yzw;
	vec3 c4 = s3.xyz;
	vec3 c5 = vec3( s3.w, s4.xy );
	vec3 c6 = vec3( s4.zw, s5.x );
	vec3 c7 = s5.yzw;
	vec3 c8 = s6.xyz;
	float x = worldNormal.x, y = worldNormal.y, z = worldNormal.z;
	vec3 result = c0 * 0.886227;
	result += c1 * 2.0 * 0.511664 * y;
	result += c2 * 2.0 * 0.511664 * z;
	result += c3 * 2.0 * 0.511664 * x;
	result += c4 * 2.0 * 0.429043 * x * y;
	result += c5 * 2.0 * 0.429043 * y * z;
	result += c6 * ( 0.743125 * z * z - 0.247708 );
	result += c7 * 2.0 * 0.429043 * x * z;
	result += c8 * 0.429043 * ( x * x - y * y );
	return max( result, vec3( 0.0 ) );
}
#endif`,fg=`#if defined( USE_LOGARITHMIC_DEPTH_BUFFER )
	gl_FragDepth = vIsPerspective == 0.0 ? gl_FragCoord.z : log2( vFragDepth ) * logDepthBufFC * 0.5;
#endif`,pg=`#if defined( USE_LOGARITHMIC_DEPTH_BUFFER )
	uniform float logDepthBufFC;
	varying float vFragDepth;
	varying float vIsPerspective;
#endif`,mg=`#ifdef USE_LOGARITHMIC_DEPTH_BUFFER
	varying float vFragDepth;
	varying float vIsPerspective;
#endif`,gg=`#ifdef USE_LOGARITHMIC_DEPTH_BUFFER
	vFragDepth = 1.0 + gl_Position.w;
	vIsPerspective = float( isPerspectiveMatrix( projectionMatrix ) );
#endif`,xg=`#ifdef USE_MAP
	vec4 sampledDiffuseColor = texture2D( map, vMapUv );
	#ifdef DECODE_VIDEO_TEXTURE
		sampledDiffuseColor = sRGBTransferEOTF( sampledDiffuseColor );
	#endif
	diffuseColor *= sampledDiffuseColor;
#endif`,yg=`#ifdef USE_MAP
	uniform sampler2D map;
#endif`,vg=`#if defined( USE_MAP ) || defined( USE_ALPHAMAP )
	#if defined( USE_POINTS_UV )
		vec2 uv = vUv;
	#else
		vec2 uv = ( uvTransform * vec3( gl_PointCoord.x, 1.0 - gl_PointCoord.y, 1 ) ).xy;
	#endif
#endif
#ifdef USE_MAP
	diffuseColor *= texture2D( map, uv );
#endif
#ifdef USE_ALPHAMAP
	diffuseColor.a *= texture2D( alphaMap, uv ).g;
#endif`,_g=`#if defined( USE_POINTS_UV )
	varying vec2 vUv;
#else
	#if defined( USE_MAP ) || defined( USE_ALPHAMAP )
		uniform mat3 uvTransform;
	#endif
#endif
#ifdef USE_MAP
	uniform sampler2D map;
#endif
#ifdef USE_ALPHAMAP
	uniform sampler2D alphaMap;
#endif`,Sg=`float metalnessFactor = metalness;
#ifdef USE_METALNESSMAP
	vec4 texelMetalness = texture2D( metalnessMap, vMetalnessMapUv );
	metalnessFactor *= texelMetalness.b;
#endif`,bg=`#ifdef USE_METALNESSMAP
	uniform sampler2D metalnessMap;
#endif`,Mg=`#ifdef USE_INSTANCING_MORPH
	float morphTargetInfluences[ MORPHTARGETS_COUNT ];
	float morphTargetBaseInfluence = texelFetch( morphTexture, ivec2( 0, gl_InstanceID ), 0 ).r;
	for ( int i = 0; i < MORPHTARGETS_COUNT; i ++ ) {
		morphTargetInfluences[i] =  texelFetch( morphTexture, ivec2( i + 1, gl_InstanceID ), 0 ).r;
	}
#endif`,wg=`#if defined( USE_MORPHCOLORS )
	#if defined( USE_COLOR_ALPHA )
		vColor *= morphTargetBaseInfluence;
	#elif defined( USE_COLOR )
		vColor.rgb *= morphTargetBaseInfluence;
	#endif
	for ( int i = 0; i < MORPHTARGETS_COUNT; i ++ ) {
		#if defined( USE_COLOR_ALPHA )
			if ( morphTargetInfluences[ i ] != 0.0 ) vColor += getMorph( gl_VertexID, i, 2 ) * morphTargetInfluences[ i ];
		#elif defined( USE_COLOR )
			if ( morphTargetInfluences[ i ] != 0.0 ) vColor.rgb += getMorph( gl_VertexID, i, 2 ).rgb * morphTargetInfluences[ i ];
		#endif
	}
#endif`,Tg=`#ifdef USE_MORPHNORMALS
	objectNormal *= morphTargetBaseInfluence;
	for ( int i = 0; i < MORPHTARGETS_COUNT; i ++ ) {
		if ( morphTargetInfluences[ i ] != 0.0 ) objectNormal += getMorph( gl_VertexID, i, 1 ).xyz * morphTargetInfluences[ i ];
	}
#endif`,Eg=`#ifdef USE_MORPHTARGETS
	#ifndef USE_INSTANCING_MORPH
		uniform float morphTargetBaseInfluence;
		uniform float morphTargetInfluences[ MORPHTARGETS_COUNT ];
	#endif
	uniform sampler2DArray morphTargetsTexture;
	uniform ivec2 morphTargetsTextureSize;
	vec4 getMorph( const in int vertexIndex, const in int morphTargetIndex, const in int offset ) {
		int texelIndex = vertexIndex * MORPHTARGETS_TEXTURE_STRIDE + offset;
		int y = texelIndex / morphTargetsTextureSize.x;
		int x = texelIndex - y * morphTargetsTextureSize.x;
		ivec3 morphUV = ivec3( x, y, morphTargetIndex );
		return texelFetch( morphTargetsTexture, morphUV, 0 );
	}
#endif`,Ag=`#ifdef USE_MORPHTARGETS
	transformed *= morphTargetBaseInfluence;
	for ( int i = 0; i < MORPHTARGETS_COUNT; i ++ ) {
		if ( morphTargetInfluences[ i ] != 0.0 ) transformed += getMorph( gl_VertexID, i, 0 ).xyz * morphTargetInfluences[ i ];
	}
#endif`,Rg=`float faceDirection = gl_FrontFacing ? 1.0 : - 1.0;
#ifdef FLAT_SHADED
	vec3 fdx = dFdx( vViewPosition );
	vec3 fdy = dFdy( vViewPosition );
	vec3 normal = normalize( cross( fdx, fdy ) );
#else
	vec3 normal = normalize( vNormal );
	#ifdef DOUBLE_SIDED
		normal *= faceDirection;
	#endif
#endif
#if defined( USE_NORMALMAP_TANGENTSPACE ) || defined( USE_CLEARCOAT_NORMALMAP ) || defined( USE_ANISOTROPY )
	#ifdef USE_TANGENT
		mat3 tbn = mat3( normalize( vTangent ), normalize( vBitangent ), normal );
	#else
		mat3 tbn = getTangentFrame( - vViewPosition, normal,
		#if defined( USE_NORMALMAP )
			vNormalMapUv
		#elif defined( USE_CLEARCOAT_NORMALMAP )
			vClearcoatNormalMapUv
		#else
			vUv
		#endif
		);
	#endif
	#ifdef DOUBLE_SIDED
		tbn[0] *= faceDirection;
		tbn[1] *= faceDirection;
	#endif
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	#ifdef USE_TANGENT
		mat3 tbn2 = mat3( normalize( vTangent ), normalize( vBitangent ), normal );
	#else
		mat3 tbn2 = getTangentFrame( - vViewPosition, normal, vClearcoatNormalMapUv );
	#endif
	#ifdef DOUBLE_SIDED
		tbn2[0] *= faceDirection;
		tbn2[1] *= faceDirection;
	#endif
#endif
vec3 nonPerturbedNormal = normal;`,Cg=`#ifdef USE_NORMALMAP_OBJECTSPACE
	normal = texture2D( normalMap, vNormalMapUv ).xyz * 2.0 - 1.0;
	#ifdef FLIP_SIDED
		normal = - normal;
	#endif
	#ifdef DOUBLE_SIDED
		normal = normal * faceDirection;
	#endif
	normal = normalize( normalMatrix * normal );
#elif defined( USE_NORMALMAP_TANGENTSPACE )
	vec3 mapN = texture2D( normalMap, vNormalMapUv ).xyz * 2.0 - 1.0;
	#if defined( USE_PACKED_NORMALMAP )
		mapN = vec3( mapN.xy, sqrt( saturate( 1.0 - dot( mapN.xy, mapN.xy ) ) ) );
	#endif
	mapN.xy *= normalScale;
	normal = normalize( tbn * mapN );
#elif defined( USE_BUMPMAP )
	normal = perturbNormalArb( - vViewPosition, normal, dHdxy_fwd(), faceDirection );
#endif`,Ig=`#ifndef FLAT_SHADED
	varying vec3 vNormal;
	#ifdef USE_TANGENT
		varying vec3 vTangent;
		varying vec3 vBitangent;
	#endif
#endif`,Pg=`#ifndef FLAT_SHADED
	varying vec3 vNormal;
	#ifdef USE_TANGENT
		varying vec3 vTangent;
		varying vec3 vBitangent;
	#endif
#endif`,Dg=`#ifndef FLAT_SHADED
	vNormal = normalize( transformedNormal );
	#ifdef USE_TANGENT
		vTangent = normalize( transformedTangent );
		vBitangent = normalize( cross( vNormal, vTangent ) * tangent.w );
		#ifdef FLIP_SIDED
			vBitangent = - vBitangent;
		#endif
	#endif
#endif`,Lg=`#ifdef USE_NORMALMAP
	uniform sampler2D normalMap;
	uniform vec2 normalScale;
#endif
#ifdef USE_NORMALMAP_OBJECTSPACE
	uniform mat3 normalMatrix;
#endif
#if ! defined ( USE_TANGENT ) && ( defined ( USE_NORMALMAP_TANGENTSPACE ) || defined ( USE_CLEARCOAT_NORMALMAP ) || defined( USE_ANISOTROPY ) )
	mat3 getTangentFrame( vec3 eye_pos, vec3 surf_norm, vec2 uv ) {
		vec3 q0 = dFdx( eye_pos.xyz );
		vec3 q1 = dFdy( eye_pos.xyz );
		vec2 st0 = dFdx( uv.st );
		vec2 st1 = dFdy( uv.st );
		vec3 N = surf_norm;
		vec3 q1perp = cross( q1, N );
		vec3 q0perp = cross( N, q0 );
		vec3 T = q1perp * st0.x + q0perp * st1.x;
		vec3 B = q1perp * st0.y + q0perp * st1.y;
		float det = max( dot( T, T ), dot( B, B ) );
		float scale = ( det == 0.0 ) ? 0.0 : inversesqrt( det );
		return mat3( T * scale, B * scale, N );
	}
#endif`,Fg=`#ifdef USE_CLEARCOAT
	vec3 clearcoatNormal = nonPerturbedNormal;
#endif`,Ng=`#ifdef USE_CLEARCOAT_NORMALMAP
	vec3 clearcoatMapN = texture2D( clearcoatNormalMap, vClearcoatNormalMapUv ).xyz * 2.0 - 1.0;
	clearcoatMapN.xy *= clearcoatNormalScale;
	clearcoatNormal = normalize( tbn2 * clearcoatMapN );
#endif`,Ug=`#ifdef USE_CLEARCOATMAP
	uniform sampler2D clearcoatMap;
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	uniform sampler2D clearcoatNormalMap;
	uniform vec2 clearcoatNormalScale;
#endif
#ifdef USE_CLEARCOAT_ROUGHNESSMAP
	uniform sampler2D clearcoatRoughnessMap;
#endif`,Og=`#ifdef USE_IRIDESCENCEMAP
	uniform sampler2D iridescenceMap;
#endif
#ifdef USE_IRIDESCENCE_THICKNESSMAP
	uniform sampler2D iridescenceThicknessMap;
#endif`,zg=`#ifdef OPAQUE
diffuseColor.a = 1.0;
#endif
#ifdef USE_TRANSMISSION
diffuseColor.a *= material.transmissionAlpha;
#endif
gl_FragColor = vec4( outgoingLight, diffuseColor.a );`,Bg=`vec3 packNormalToRGB( const in vec3 normal ) {
	return normalize( normal ) * 0.5 + 0.5;
}
vec3 unpackRGBToNormal( const in vec3 rgb ) {
	return 2.0 * rgb.xyz - 1.0;
}
const float PackUpscale = 256. / 255.;const float UnpackDownscale = 255. / 256.;const float ShiftRight8 = 1. / 256.;
const float Inv255 = 1. / 255.;
const vec4 PackFactors = vec4( 1.0, 256.0, 256.0 * 256.0, 256.0 * 256.0 * 256.0 );
const vec2 UnpackFactors2 = vec2( UnpackDownscale, 1.0 / PackFactors.g );
const vec3 UnpackFactors3 = vec3( UnpackDownscale / PackFactors.rg, 1.0 / PackFactors.b );
const vec4 UnpackFactors4 = vec4( UnpackDownscale / PackFactors.rgb, 1.0 / PackFactors.a );
vec4 packDepthToRGBA( const in float v ) {
	if( v <= 0.0 )
		return vec4( 0., 0., 0., 0. );
	if( v >= 1.0 )
		return vec4( 1., 1., 1., 1. );
	float vuf;
	float af = modf( v * PackFactors.a, vuf );
	float bf = modf( vuf * ShiftRight8, vuf );
	float gf = modf( vuf * ShiftRight8, vuf );
	return vec4( vuf * Inv255, gf * PackUpscale, bf * PackUpscale, af );
}
vec3 packDepthToRGB( const in float v ) {
	if( v <= 0.0 )
		return vec3( 0., 0., 0. );
	if( v >= 1.0 )
		return vec3( 1., 1., 1. );
	float vuf;
	float bf = modf( v * PackFactors.b, vuf );
	float gf = modf( vuf * ShiftRight8, vuf );
	return vec3( vuf * Inv255, gf * PackUpscale, bf );
}
vec2 packDepthToRG( const in float v ) {
	if( v <= 0.0 )
		return vec2( 0., 0. );
	if( v >= 1.0 )
		return vec2( 1., 1. );
	float vuf;
	float gf = modf( v * 256., vuf );
	return vec2( vuf * Inv255, gf );
}
float unpackRGBAToDepth( const in vec4 v ) {
	return dot( v, UnpackFactors4 );
}
float unpackRGBToDepth( const in vec3 v ) {
	return dot( v, UnpackFactors3 );
}
float unpackRGToDepth( const in vec2 v ) {
	return v.r * UnpackFactors2.r + v.g * UnpackFactors2.g;
}
vec4 pack2HalfToRGBA( const in vec2 v ) {
	vec4 r = vec4( v.x, fract( v.x * 255.0 ), v.y, fract( v.y * 255.0 ) );
	return vec4( r.x - r.y / 255.0, r.y, r.z - r.w / 255.0, r.w );
}
vec2 unpackRGBATo2Half( const in vec4 v ) {
	return vec2( v.x + ( v.y / 255.0 ), v.z + ( v.w / 255.0 ) );
}
float viewZToOrthographicDepth( const in float viewZ, const in float near, const in float far ) {
	return ( viewZ + near ) / ( near - far );
}
float orthographicDepthToViewZ( const in float depth, const in float near, const in float far ) {
	#ifdef USE_REVERSED_DEPTH_BUFFER
	
		return depth * ( far - near ) - far;
	#else
		return depth * ( near - far ) - near;
	#endif
}
float viewZToPerspectiveDepth( const in float viewZ, const in float near, const in float far ) {
	return ( ( near + viewZ ) * far ) / ( ( far - near ) * viewZ );
}
float perspectiveDepthToViewZ( const in float depth, const in float near, const in float far ) {
	
	#ifdef USE_REVERSED_DEPTH_BUFFER
		return ( near * far ) / ( ( near - far ) * depth - near );
	#else
		return ( near * far ) / ( ( far - near ) * depth - far );
	#endif
}`,kg=`#ifdef PREMULTIPLIED_ALPHA
	gl_FragColor.rgb *= gl_FragColor.a;
#endif`,Hg=`vec4 mvPosition = vec4( transformed, 1.0 );
#ifdef USE_BATCHING
	mvPosition = batchingMatrix * mvPosition;
#endif
#ifdef USE_INSTANCING
	mvPosition = instanceMatrix * mvPosition;
#endif
mvPosition = modelViewMatrix * mvPosition;
gl_Position = projectionMatrix * mvPosition;`,Vg=`#ifdef DITHERING
	gl_FragColor.rgb = dithering( gl_FragColor.rgb );
#endif`,Gg=`#ifdef DITHERING
	vec3 dithering( vec3 color ) {
		float grid_position = rand( gl_FragCoord.xy );
		vec3 dither_shift_RGB = vec3( 0.25 / 255.0, -0.25 / 255.0, 0.25 / 255.0 );
		dither_shift_RGB = mix( 2.0 * dither_shift_RGB, -2.0 * dither_shift_RGB, grid_position );
		return color + dither_shift_RGB;
	}
#endif`,$g=`float roughnessFactor = roughness;
#ifdef USE_ROUGHNESSMAP
	vec4 texelRoughness = texture2D( roughnessMap, vRoughnessMapUv );
	roughnessFactor *= texelRoughness.g;
#endif`,Wg=`#ifdef USE_ROUGHNESSMAP
	uniform sampler2D roughnessMap;
#endif`,qg=`#if NUM_SPOT_LIGHT_COORDS > 0
	varying vec4 vSpotLightCoord[ NUM_SPOT_LIGHT_COORDS ];
#endif
#if NUM_SPOT_LIGHT_MAPS > 0
	uniform sampler2D spotLightMap[ NUM_SPOT_LIGHT_MAPS ];
#endif
#ifdef USE_SHADOWMAP
	#if NUM_SUN_LIGHT_SHADOWS > 0
		#define SUN_LIGHT_CASCADES 2
		#if defined( SHADOWMAP_TYPE_PCF )
			uniform sampler2DShadow sunShadowMap[ NUM_SUN_LIGHT_SHADOWS ];
		#else
			uniform sampler2D sunShadowMap[ NUM_SUN_LIGHT_SHADOWS ];
		#endif
		uniform mat4 sunShadowMatrix[ NUM_SUN_LIGHT_SHADOWS * SUN_LIGHT_CASCADES ];
		uniform vec4 sunShadowCascade[ NUM_SUN_LIGHT_SHADOWS * SUN_LIGHT_CASCADES ];
		varying vec4 vSunShadowWorldPosition;
		varying vec3 vSunShadowWorldNormal;
		struct SunLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform SunLightShadow sunLightShadows[ NUM_SUN_LIGHT_SHADOWS ];
	#endif
	#if NUM_DIR_LIGHT_SHADOWS > 0
		#if defined( SHADOWMAP_TYPE_PCF )
			uniform sampler2DShadow directionalShadowMap[ NUM_DIR_LIGHT_SHADOWS ];
		#else
			uniform sampler2D directionalShadowMap[ NUM_DIR_LIGHT_SHADOWS ];
		#endif
		varying vec4 vDirectionalShadowCoord[ NUM_DIR_LIGHT_SHADOWS ];
		struct DirectionalLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform DirectionalLightShadow directionalLightShadows[ NUM_DIR_LIGHT_SHADOWS ];
	#endif
	#if NUM_SPOT_LIGHT_SHADOWS > 0
		#if defined( SHADOWMAP_TYPE_PCF )
			uniform sampler2DShadow spotShadowMap[ NUM_SPOT_LIGHT_SHADOWS ];
		#else
			uniform sampler2D spotShadowMap[ NUM_SPOT_LIGHT_SHADOWS ];
		#endif
		struct SpotLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform SpotLightShadow spotLightShadows[ NUM_SPOT_LIGHT_SHADOWS ];
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0
		#if defined( SHADOWMAP_TYPE_PCF )
			uniform samplerCubeShadow pointShadowMap[ NUM_POINT_LIGHT_SHADOWS ];
		#elif defined( SHADOWMAP_TYPE_BASIC )
			uniform samplerCube pointShadowMap[ NUM_POINT_LIGHT_SHADOWS ];
		#endif
		varying vec4 vPointShadowCoord[ NUM_POINT_LIGHT_SHADOWS ];
		struct PointLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
			float shadowCameraNear;
			float shadowCameraFar;
		};
		uniform PointLightShadow pointLightShadows[ NUM_POINT_LIGHT_SHADOWS ];
	#endif
	#if defined( SHADOWMAP_TYPE_PCF )
		float interleavedGradientNoise( vec2 position ) {
			return fract( 52.9829189 * fract( dot( position, vec2( 0.06711056, 0.00583715 ) ) ) );
		}
		vec2 vogelDiskSample( int sampleIndex, int samplesCount, float phi ) {
			const float goldenAngle = 2.399963229728653;
			float r = sqrt( ( float( sampleIndex ) + 0.5 ) / float( samplesCount ) );
			float theta = float( sampleIndex ) * goldenAngle + phi;
			return vec2( cos( theta ), sin( theta ) ) * r;
		}
	#endif
	#if defined( SHADOWMAP_TYPE_PCF )
		float getShadow( sampler2DShadow shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord ) {
			float shadow = 1.0;
			shadowCoord.xyz /= shadowCoord.w;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				shadowCoord.z -= shadowBias;
			#else
				shadowCoord.z += shadowBias;
			#endif
			bool inFrustum = shadowCoord.x >= 0.0 && shadowCoord.x <= 1.0 && shadowCoord.y >= 0.0 && shadowCoord.y <= 1.0;
			bool frustumTest = inFrustum && shadowCoord.z <= 1.0;
			if ( frustumTest ) {
				vec2 texelSize = vec2( 1.0 ) / shadowMapSize;
				vec2 radius = shadowRadius * texelSize;
				float phi = interleavedGradientNoise( gl_FragCoord.xy ) * PI2;
				shadow = (
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 0, 5, phi ) * radius, shadowCoord.z ) ) +
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 1, 5, phi ) * radius, shadowCoord.z ) ) +
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 2, 5, phi ) * radius, shadowCoord.z ) ) +
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 3, 5, phi ) * radius, shadowCoord.z ) ) +
					texture( shadowMap, vec3( shadowCoord.xy + vogelDiskSample( 4, 5, phi ) * radius, shadowCoord.z ) )
				) * 0.2;
			}
			return mix( 1.0, shadow, shadowIntensity );
		}
	#elif defined( SHADOWMAP_TYPE_VSM )
		float getShadow( sampler2D shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord ) {
			float shadow = 1.0;
			shadowCoord.xyz /= shadowCoord.w;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				shadowCoord.z -= shadowBias;
			#else
				shadowCoord.z += shadowBias;
			#endif
			bool inFrustum = shadowCoord.x >= 0.0 && shadowCoord.x <= 1.0 && shadowCoord.y >= 0.0 && shadowCoord.y <= 1.0;
			bool frustumTest = inFrustum && shadowCoord.z <= 1.0;
			if ( frustumTest ) {
				vec2 distribution = texture2D( shadowMap, shadowCoord.xy ).rg;
				float mean = distribution.x;
				float variance = distribution.y * distribution.y;
				#ifdef USE_REVERSED_DEPTH_BUFFER
					float hard_shadow = step( mean, shadowCoord.z );
				#else
					float hard_shadow = step( shadowCoord.z, mean );
				#endif
				
				if ( hard_shadow == 1.0 ) {
					shadow = 1.0;
				} else {
					variance = max( variance, 0.0000001 );
					float d = shadowCoord.z - mean;
					float p_max = variance / ( variance + d * d );
					p_max = clamp( ( p_max - 0.3 ) / 0.65, 0.0, 1.0 );
					shadow = max( hard_shadow, p_max );
				}
			}
			return mix( 1.0, shadow, shadowIntensity );
		}
	#else
		float getShadow( sampler2D shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord ) {
			float shadow = 1.0;
			shadowCoord.xyz /= shadowCoord.w;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				shadowCoord.z -= shadowBias;
			#else
				shadowCoord.z += shadowBias;
			#endif
			bool inFrustum = shadowCoord.x >= 0.0 && shadowCoord.x <= 1.0 && shadowCoord.y >= 0.0 && shadowCoord.y <= 1.0;
			bool frustumTest = inFrustum && shadowCoord.z <= 1.0;
			if ( frustumTest ) {
				float depth = texture2D( shadowMap, shadowCoord.xy ).r;
				#ifdef USE_REVERSED_DEPTH_BUFFER
					shadow = step( depth, shadowCoord.z );
				#else
					shadow = step( shadowCoord.z, depth );
				#endif
			}
			return mix( 1.0, shadow, shadowIntensity );
		}
	#endif
	#if NUM_SUN_LIGHT_SHADOWS > 0
		float getSunShadow(
			#if defined( SHADOWMAP_TYPE_PCF )
				sampler2DShadow shadowMap,
			#else
				sampler2D shadowMap,
			#endif
			SunLightShadow sunLightShadow,
			int shadowIndex
		) {
			vec4 shadowWorldPosition = vec4( vSunShadowWorldPosition.xyz + vSunShadowWorldNormal * sunLightShadow.shadowNormalBias, 1.0 );
			float viewDepth = vSunShadowWorldPosition.w;
			int cascadeOffset = shadowIndex * SUN_LIGHT_CASCADES;
			float shadow = 1.0;
			for ( int i = SUN_LIGHT_CASCADES - 1; i >= 0; i -- ) {
				vec4 cascade = sunShadowCascade[ cascadeOffset + i ];
				if ( viewDepth >= cascade.x && viewDepth < cascade.y ) {
					float cascadeShadow = getShadow(
						shadowMap,
						sunLightShadow.shadowMapSize,
						sunLightShadow.shadowIntensity,
						sunLightShadow.shadowBias,
						sunLightShadow.shadowRadius,
						sunShadowMatrix[ cascadeOffset + i ] * shadowWorldPosition
					);
					shadow = mix( cascadeShadow, shadow, smoothstep( cascade.z, cascade.y, viewDepth ) );
				}
			}
			return shadow;
		}
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0
	#if defined( SHADOWMAP_TYPE_PCF )
	float getPointShadow( samplerCubeShadow shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord, float shadowCameraNear, float shadowCameraFar ) {
		float shadow = 1.0;
		vec3 lightToPosition = shadowCoord.xyz;
		vec3 bd3D = normalize( lightToPosition );
		vec3 absVec = abs( lightToPosition );
		float viewSpaceZ = max( max( absVec.x, absVec.y ), absVec.z );
		if ( viewSpaceZ - shadowCameraFar <= 0.0 && viewSpaceZ - shadowCameraNear >= 0.0 ) {
			float lightDistance = length( lightToPosition );
			float depthRange = shadowCameraFar - shadowCameraNear;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				float depthA = - shadowCameraNear / depthRange - shadowBias;
				float depthB = shadowCameraNear * shadowCameraFar / ( depthRange * lightDistance );
			#else
				float depthA = shadowCameraFar / depthRange + shadowBias;
				float depthB = - shadowCameraNear * shadowCameraFar / ( depthRange * lightDistance );
			#endif
			float texelSize = shadowRadius / shadowMapSize.x;
			vec3 absDir = abs( bd3D );
			vec3 tangent = absDir.x > absDir.z ? vec3( 0.0, 1.0, 0.0 ) : vec3( 1.0, 0.0, 0.0 );
			tangent = normalize( cross( bd3D, tangent ) );
			vec3 bitangent = cross( bd3D, tangent );
			float phi = interleavedGradientNoise( gl_FragCoord.xy ) * PI2;
			shadow = 0.0;
			for ( int i = 0; i < 5; i ++ ) {
				vec2 offset = vogelDiskSample( i, 5, phi );
				vec3 direction = bd3D + ( tangent * offset.x + bitangent * offset.y ) * texelSize;
				vec3 absDirection = abs( direction );
				float dp = depthA + depthB / max( max( absDirection.x, absDirection.y ), absDirection.z );
				shadow += texture( shadowMap, vec4( direction, dp ) );
			}
			shadow *= 0.2;
		}
		return mix( 1.0, shadow, shadowIntensity );
	}
	#elif defined( SHADOWMAP_TYPE_BASIC )
	float getPointShadow( samplerCube shadowMap, vec2 shadowMapSize, float shadowIntensity, float shadowBias, float shadowRadius, vec4 shadowCoord, float shadowCameraNear, float shadowCameraFar ) {
		float shadow = 1.0;
		vec3 lightToPosition = shadowCoord.xyz;
		vec3 absVec = abs( lightToPosition );
		float viewSpaceZ = max( max( absVec.x, absVec.y ), absVec.z );
		if ( viewSpaceZ - shadowCameraFar <= 0.0 && viewSpaceZ - shadowCameraNear >= 0.0 ) {
			float dp = ( shadowCameraFar * ( viewSpaceZ - shadowCameraNear ) ) / ( viewSpaceZ * ( shadowCameraFar - shadowCameraNear ) );
			dp += shadowBias;
			vec3 bd3D = normalize( lightToPosition );
			float depth = textureCube( shadowMap, bd3D ).r;
			#ifdef USE_REVERSED_DEPTH_BUFFER
				depth = 1.0 - depth;
			#endif
			shadow = step( dp, depth );
		}
		return mix( 1.0, shadow, shadowIntensity );
	}
	#endif
	#endif
#endif`,Xg=`#if NUM_SPOT_LIGHT_COORDS > 0
	uniform mat4 spotLightMatrix[ NUM_SPOT_LIGHT_COORDS ];
	varying vec4 vSpotLightCoord[ NUM_SPOT_LIGHT_COORDS ];
#endif
#ifdef USE_SHADOWMAP
	#if NUM_SUN_LIGHT_SHADOWS > 0
		varying vec4 vSunShadowWorldPosition;
		varying vec3 vSunShadowWorldNormal;
	#endif
	#if NUM_DIR_LIGHT_SHADOWS > 0
		uniform mat4 directionalShadowMatrix[ NUM_DIR_LIGHT_SHADOWS ];
		varying vec4 vDirectionalShadowCoord[ NUM_DIR_LIGHT_SHADOWS ];
		struct DirectionalLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform DirectionalLightShadow directionalLightShadows[ NUM_DIR_LIGHT_SHADOWS ];
	#endif
	#if NUM_SPOT_LIGHT_SHADOWS > 0
		struct SpotLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
		};
		uniform SpotLightShadow spotLightShadows[ NUM_SPOT_LIGHT_SHADOWS ];
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0
		uniform mat4 pointShadowMatrix[ NUM_POINT_LIGHT_SHADOWS ];
		varying vec4 vPointShadowCoord[ NUM_POINT_LIGHT_SHADOWS ];
		struct PointLightShadow {
			float shadowIntensity;
			float shadowBias;
			float shadowNormalBias;
			float shadowRadius;
			vec2 shadowMapSize;
			float shadowCameraNear;
			float shadowCameraFar;
		};
		uniform PointLightShadow pointLightShadows[ NUM_POINT_LIGHT_SHADOWS ];
	#endif
#endif`,Yg=`#if ( defined( USE_SHADOWMAP ) && ( NUM_DIR_LIGHT_SHADOWS > 0 || NUM_SUN_LIGHT_SHADOWS > 0 || NUM_POINT_LIGHT_SHADOWS > 0 ) ) || ( NUM_SPOT_LIGHT_COORDS > 0 )
	#ifdef HAS_NORMAL
		vec3 shadowWorldNormal = transformNormalByInverseViewMatrix( transformedNormal, viewMatrix );
	#else
		vec3 shadowWorldNormal = vec3( 0.0 );
	#endif
	vec4 shadowWorldPosition;
#endif
#if defined( USE_SHADOWMAP )
	#if NUM_SUN_LIGHT_SHADOWS > 0
		vSunShadowWorldPosition = vec4( worldPosition.xyz, - mvPosition.z );
		vSunShadowWorldNormal = shadowWorldNormal;
	#endif
	#if NUM_DIR_LIGHT_SHADOWS > 0
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_DIR_LIGHT_SHADOWS; i ++ ) {
			shadowWorldPosition = worldPosition + vec4( shadowWorldNormal * directionalLightShadows[ i ].shadowNormalBias, 0 );
			vDirectionalShadowCoord[ i ] = directionalShadowMatrix[ i ] * shadowWorldPosition;
		}
		#pragma unroll_loop_end
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0
		#pragma unroll_loop_start
		for ( int i = 0; i < NUM_POINT_LIGHT_SHADOWS; i ++ ) {
			shadowWorldPosition = worldPosition + vec4( shadowWorldNormal * pointLightShadows[ i ].shadowNormalBias, 0 );
			vPointShadowCoord[ i ] = pointShadowMatrix[ i ] * shadowWorldPosition;
		}
		#pragma unroll_loop_end
	#endif
#endif
#if NUM_SPOT_LIGHT_COORDS > 0
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SPOT_LIGHT_COORDS; i ++ ) {
		shadowWorldPosition = worldPosition;
		#if ( defined( USE_SHADOWMAP ) && UNROLLED_LOOP_INDEX < NUM_SPOT_LIGHT_SHADOWS )
			shadowWorldPosition.xyz += shadowWorldNormal * spotLightShadows[ i ].shadowNormalBias;
		#endif
		vSpotLightCoord[ i ] = spotLightMatrix[ i ] * shadowWorldPosition;
	}
	#pragma unroll_loop_end
#endif`,Kg=`float getShadowMask() {
	float shadow = 1.0;
	#ifdef USE_SHADOWMAP
	#if NUM_SUN_LIGHT_SHADOWS > 0
	SunLightShadow sunLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SUN_LIGHT_SHADOWS; i ++ ) {
		sunLight = sunLightShadows[ i ];
		shadow *= receiveShadow ? getSunShadow( sunShadowMap[ i ], sunLight, UNROLLED_LOOP_INDEX ) : 1.0;
	}
	#pragma unroll_loop_end
	#endif
	#if NUM_DIR_LIGHT_SHADOWS > 0
	DirectionalLightShadow directionalLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_DIR_LIGHT_SHADOWS; i ++ ) {
		directionalLight = directionalLightShadows[ i ];
		shadow *= receiveShadow ? getShadow( directionalShadowMap[ i ], directionalLight.shadowMapSize, directionalLight.shadowIntensity, directionalLight.shadowBias, directionalLight.shadowRadius, vDirectionalShadowCoord[ i ] ) : 1.0;
	}
	#pragma unroll_loop_end
	#endif
	#if NUM_SPOT_LIGHT_SHADOWS > 0
	SpotLightShadow spotLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_SPOT_LIGHT_SHADOWS; i ++ ) {
		spotLight = spotLightShadows[ i ];
		shadow *= receiveShadow ? getShadow( spotShadowMap[ i ], spotLight.shadowMapSize, spotLight.shadowIntensity, spotLight.shadowBias, spotLight.shadowRadius, vSpotLightCoord[ i ] ) : 1.0;
	}
	#pragma unroll_loop_end
	#endif
	#if NUM_POINT_LIGHT_SHADOWS > 0 && ( defined( SHADOWMAP_TYPE_PCF ) || defined( SHADOWMAP_TYPE_BASIC ) )
	PointLightShadow pointLight;
	#pragma unroll_loop_start
	for ( int i = 0; i < NUM_POINT_LIGHT_SHADOWS; i ++ ) {
		pointLight = pointLightShadows[ i ];
		shadow *= receiveShadow ? getPointShadow( pointShadowMap[ i ], pointLight.shadowMapSize, pointLight.shadowIntensity, pointLight.shadowBias, pointLight.shadowRadius, vPointShadowCoord[ i ], pointLight.shadowCameraNear, pointLight.shadowCameraFar ) : 1.0;
	}
	#pragma unroll_loop_end
	#endif
	#endif
	return shadow;
}`,Zg=`#ifdef USE_SKINNING
	mat4 boneMatX = getBoneMatrix( skinIndex.x );
	mat4 boneMatY = getBoneMatrix( skinIndex.y );
	mat4 boneMatZ = getBoneMatrix( skinIndex.z );
	mat4 boneMatW = getBoneMatrix( skinIndex.w );
#endif`,Qg=`#ifdef USE_SKINNING
	uniform mat4 bindMatrix;
	uniform mat4 bindMatrixInverse;
	uniform highp sampler2D boneTexture;
	mat4 getBoneMatrix( const in float i ) {
		int size = textureSize( boneTexture, 0 ).x;
		int j = int( i ) * 4;
		int x = j % size;
		int y = j / size;
		vec4 v1 = texelFetch( boneTexture, ivec2( x, y ), 0 );
		vec4 v2 = texelFetch( boneTexture, ivec2( x + 1, y ), 0 );
		vec4 v3 = texelFetch( boneTexture, ivec2( x + 2, y ), 0 );
		vec4 v4 = texelFetch( boneTexture, ivec2( x + 3, y ), 0 );
		return mat4( v1, v2, v3, v4 );
	}
#endif`,Jg=`#ifdef USE_SKINNING
	vec4 skinVertex = bindMatrix * vec4( transformed, 1.0 );
	vec4 skinned = vec4( 0.0 );
	skinned += boneMatX * skinVertex * skinWeight.x;
	skinned += boneMatY * skinVertex * skinWeight.y;
	skinned += boneMatZ * skinVertex * skinWeight.z;
	skinned += boneMatW * skinVertex * skinWeight.w;
	transformed = ( bindMatrixInverse * skinned ).xyz;
#endif`,jg=`#ifdef USE_SKINNING
	mat4 skinMatrix = mat4( 0.0 );
	skinMatrix += skinWeight.x * boneMatX;
	skinMatrix += skinWeight.y * boneMatY;
	skinMatrix += skinWeight.z * boneMatZ;
	skinMatrix += skinWeight.w * boneMatW;
	skinMatrix = bindMatrixInverse * skinMatrix * bindMatrix;
	objectNormal = vec4( skinMatrix * vec4( objectNormal, 0.0 ) ).xyz;
	#ifdef USE_TANGENT
		objectTangent = vec4( skinMatrix * vec4( objectTangent, 0.0 ) ).xyz;
	#endif
#endif`,tx=`float specularStrength;
#ifdef USE_SPECULARMAP
	vec4 texelSpecular = texture2D( specularMap, vSpecularMapUv );
	specularStrength = texelSpecular.r;
#else
	specularStrength = 1.0;
#endif`,ex=`#ifdef USE_SPECULARMAP
	uniform sampler2D specularMap;
#endif`,nx=`#if defined( TONE_MAPPING )
	gl_FragColor.rgb = toneMapping( gl_FragColor.rgb );
#endif`,ix=`#ifndef saturate
#define saturate( a ) clamp( a, 0.0, 1.0 )
#endif
uniform float toneMappingExposure;
vec3 LinearToneMapping( vec3 color ) {
	return saturate( toneMappingExposure * color );
}
vec3 ReinhardToneMapping( vec3 color ) {
	color *= toneMappingExposure;
	return saturate( color / ( vec3( 1.0 ) + color ) );
}
vec3 CineonToneMapping( vec3 color ) {
	color *= toneMappingExposure;
	color = max( vec3( 0.0 ), color - 0.004 );
	return pow( ( color * ( 6.2 * color + 0.5 ) ) / ( color * ( 6.2 * color + 1.7 ) + 0.06 ), vec3( 2.2 ) );
}
vec3 RRTAndODTFit( vec3 v ) {
	vec3 a = v * ( v + 0.0245786 ) - 0.000090537;
	vec3 b = v * ( 0.983729 * v + 0.4329510 ) + 0.238081;
	return a / b;
}
vec3 ACESFilmicToneMapping( vec3 color ) {
	const mat3 ACESInputMat = mat3(
		vec3( 0.59719, 0.07600, 0.02840 ),		vec3( 0.35458, 0.90834, 0.13383 ),
		vec3( 0.04823, 0.01566, 0.83777 )
	);
	const mat3 ACESOutputMat = mat3(
		vec3(  1.60475, -0.10208, -0.00327 ),		vec3( -0.53108,  1.10813, -0.07276 ),
		vec3( -0.07367, -0.00605,  1.07602 )
	);
	color *= toneMappingExposure / 0.6;
	color = ACESInputMat * color;
	color = RRTAndODTFit( color );
	color = ACESOutputMat * color;
	return saturate( color );
}
const mat3 LINEAR_REC2020_TO_LINEAR_SRGB = mat3(
	vec3( 1.6605, - 0.1246, - 0.0182 ),
	vec3( - 0.5876, 1.1329, - 0.1006 ),
	vec3( - 0.0728, - 0.0083, 1.1187 )
);
const mat3 LINEAR_SRGB_TO_LINEAR_REC2020 = mat3(
	vec3( 0.6274, 0.0691, 0.0164 ),
	vec3( 0.3293, 0.9195, 0.0880 ),
	vec3( 0.0433, 0.0113, 0.8956 )
);
vec3 agxDefaultContrastApprox( vec3 x ) {
	vec3 x2 = x * x;
	vec3 x4 = x2 * x2;
	return + 15.5 * x4 * x2
		- 40.14 * x4 * x
		+ 31.96 * x4
		- 6.868 * x2 * x
		+ 0.4298 * x2
		+ 0.1191 * x
		- 0.00232;
}
vec3 AgXToneMapping( vec3 color ) {
	const mat3 AgXInsetMatrix = mat3(
		vec3( 0.856627153315983, 0.137318972929847, 0.11189821299995 ),
		vec3( 0.0951212405381588, 0.761241990602591, 0.0767994186031903 ),
		vec3( 0.0482516061458583, 0.101439036467562, 0.811302368396859 )
	);
	const mat3 AgXOutsetMatrix = mat3(
		vec3( 1.1271005818144368, - 0.1413297634984383, - 0.14132976349843826 ),
		vec3( - 0.11060664309660323, 1.157823702216272, - 0.11060664309660294 ),
		vec3( - 0.016493938717834573, - 0.016493938717834257, 1.2519364065950405 )
	);
	const float AgxMinEv = - 12.47393;	const float AgxMaxEv = 4.026069;
	color *= toneMappingExposure;
	color = LINEAR_SRGB_TO_LINEAR_REC2020 * color;
	color = AgXInsetMatrix * color;
	color = max( color, 1e-10 );	color = log2( color );
	color = ( color - AgxMinEv ) / ( AgxMaxEv - AgxMinEv );
	color = clamp( color, 0.0, 1.0 );
	color = agxDefaultContrastApprox( color );
	color = AgXOutsetMatrix * color;
	color = pow( max( vec3( 0.0 ), color ), vec3( 2.2 ) );
	color = LINEAR_REC2020_TO_LINEAR_SRGB * color;
	color = clamp( color, 0.0, 1.0 );
	return color;
}
vec3 NeutralToneMapping( vec3 color ) {
	const float StartCompression = 0.8 - 0.04;
	const float Desaturation = 0.15;
	color *= toneMappingExposure;
	float x = min( color.r, min( color.g, color.b ) );
	float offset = x < 0.08 ? x - 6.25 * x * x : 0.04;
	color -= offset;
	float peak = max( color.r, max( color.g, color.b ) );
	if ( peak < StartCompression ) return color;
	float d = 1. - StartCompression;
	float newPeak = 1. - d * d / ( peak + d - StartCompression );
	color *= newPeak / peak;
	float g = 1. - 1. / ( Desaturation * ( peak - newPeak ) + 1. );
	return mix( color, vec3( newPeak ), g );
}
vec3 CustomToneMapping( vec3 color ) { return color; }`,sx=`#ifdef USE_TRANSMISSION
	material.transmission = transmission;
	material.transmissionAlpha = 1.0;
	material.thickness = thickness;
	material.attenuationDistance = attenuationDistance;
	material.attenuationColor = attenuationColor;
	#ifdef USE_TRANSMISSIONMAP
		material.transmission *= texture2D( transmissionMap, vTransmissionMapUv ).r;
	#endif
	#ifdef USE_THICKNESSMAP
		material.thickness *= texture2D( thicknessMap, vThicknessMapUv ).g;
	#endif
	vec3 pos = vWorldPosition;
	vec3 v = normalize( cameraPosition - pos );
	vec3 n = transformNormalByInverseViewMatrix( normal, viewMatrix );
	vec4 transmitted = getIBLVolumeRefraction(
		n, v, material.roughness, material.diffuseContribution, material.specularColorBlended, material.specularF90,
		pos, modelMatrix, viewMatrix, projectionMatrix, material.dispersion, material.ior, material.thickness,
		material.attenuationColor, material.attenuationDistance );
	material.transmissionAlpha = mix( material.transmissionAlpha, transmitted.a, material.transmission );
	totalDiffuse = mix( totalDiffuse, transmitted.rgb, material.transmission );
#endif`,rx=`#ifdef USE_TRANSMISSION
	uniform float transmission;
	uniform float thickness;
	uniform float attenuationDistance;
	uniform vec3 attenuationColor;
	#ifdef USE_TRANSMISSIONMAP
		uniform sampler2D transmissionMap;
	#endif
	#ifdef USE_THICKNESSMAP
		uniform sampler2D thicknessMap;
	#endif
	uniform vec2 transmissionSamplerSize;
	uniform sampler2D transmissionSamplerMap;
	uniform mat4 modelMatrix;
	uniform mat4 projectionMatrix;
	varying vec3 vWorldPosition;
	float w0( float a ) {
		return ( 1.0 / 6.0 ) * ( a * ( a * ( - a + 3.0 ) - 3.0 ) + 1.0 );
	}
	float w1( float a ) {
		return ( 1.0 / 6.0 ) * ( a *  a * ( 3.0 * a - 6.0 ) + 4.0 );
	}
	float w2( float a ){
		return ( 1.0 / 6.0 ) * ( a * ( a * ( - 3.0 * a + 3.0 ) + 3.0 ) + 1.0 );
	}
	float w3( float a ) {
		return ( 1.0 / 6.0 ) * ( a * a * a );
	}
	float g0( float a ) {
		return w0( a ) + w1( a );
	}
	float g1( float a ) {
		return w2( a ) + w3( a );
	}
	float h0( float a ) {
		return - 1.0 + w1( a ) / ( w0( a ) + w1( a ) );
	}
	float h1( float a ) {
		return 1.0 + w3( a ) / ( w2( a ) + w3( a ) );
	}
	vec4 bicubic( sampler2D tex, vec2 uv, vec4 texelSize, float lod ) {
		uv = uv * texelSize.zw + 0.5;
		vec2 iuv = floor( uv );
		vec2 fuv = fract( uv );
		float g0x = g0( fuv.x );
		float g1x = g1( fuv.x );
		float h0x = h0( fuv.x );
		float h1x = h1( fuv.x );
		float h0y = h0( fuv.y );
		float h1y = h1( fuv.y );
		vec2 p0 = ( vec2( iuv.x + h0x, iuv.y + h0y ) - 0.5 ) * texelSize.xy;
		vec2 p1 = ( vec2( iuv.x + h1x, iuv.y + h0y ) - 0.5 ) * texelSize.xy;
		vec2 p2 = ( vec2( iuv.x + h0x, iuv.y + h1y ) - 0.5 ) * texelSize.xy;
		vec2 p3 = ( vec2( iuv.x + h1x, iuv.y + h1y ) - 0.5 ) * texelSize.xy;
		return g0( fuv.y ) * ( g0x * textureLod( tex, p0, lod ) + g1x * textureLod( tex, p1, lod ) ) +
			g1( fuv.y ) * ( g0x * textureLod( tex, p2, lod ) + g1x * textureLod( tex, p3, lod ) );
	}
	vec4 textureBicubic( sampler2D sampler, vec2 uv, float lod ) {
		vec2 fLodSize = vec2( textureSize( sampler, int( lod ) ) );
		vec2 cLodSize = vec2( textureSize( sampler, int( lod + 1.0 ) ) );
		vec2 fLodSizeInv = 1.0 / fLodSize;
		vec2 cLodSizeInv = 1.0 / cLodSize;
		vec4 fSample = bicubic( sampler, uv, vec4( fLodSizeInv, fLodSize ), floor( lod ) );
		vec4 cSample = bicubic( sampler, uv, vec4( cLodSizeInv, cLodSize ), ceil( lod ) );
		return mix( fSample, cSample, fract( lod ) );
	}
	vec3 getVolumeTransmissionRay( const in vec3 n, const in vec3 v, const in float thickness, const in float ior, const in mat4 modelMatrix ) {
		vec3 refractionVector = refract( - v, normalize( n ), 1.0 / ior );
		vec3 modelScale;
		modelScale.x = length( vec3( modelMatrix[ 0 ].xyz ) );
		modelScale.y = length( vec3( modelMatrix[ 1 ].xyz ) );
		modelScale.z = length( vec3( modelMatrix[ 2 ].xyz ) );
		return normalize( refractionVector ) * thickness * modelScale;
	}
	float applyIorToRoughness( const in float roughness, const in float ior ) {
		return roughness * clamp( ior * 2.0 - 2.0, 0.0, 1.0 );
	}
	vec4 getTransmissionSample( const in vec2 fragCoord, const in float roughness, const in float ior ) {
		float lod = log2( transmissionSamplerSize.x ) * applyIorToRoughness( roughness, ior );
		return textureBicubic( transmissionSamplerMap, fragCoord.xy, lod );
	}
	vec3 volumeAttenuation( const in float transmissionDistance, const in vec3 attenuationColor, const in float attenuationDistance ) {
		if ( isinf( attenuationDistance ) ) {
			return vec3( 1.0 );
		} else {
			vec3 attenuationCoefficient = -log( attenuationColor ) / attenuationDistance;
			vec3 transmittance = exp( - attenuationCoefficient * transmissionDistance );			return transmittance;
		}
	}
	vec4 getIBLVolumeRefraction( const in vec3 n, const in vec3 v, const in float roughness, const in vec3 diffuseColor,
		const in vec3 specularColor, const in float specularF90, const in vec3 position, const in mat4 modelMatrix,
		const in mat4 viewMatrix, const in mat4 projMatrix, const in float dispersion, const in float ior, const in float thickness,
		const in vec3 attenuationColor, const in float attenuationDistance ) {
		vec4 transmittedLight;
		vec3 transmittance;
		#ifdef USE_DISPERSION
			float halfSpread = ( ior - 1.0 ) * 0.025 * dispersion;
			vec3 iors = vec3( ior - halfSpread, ior, ior + halfSpread );
			for ( int i = 0; i < 3; i ++ ) {
				vec3 transmissionRay = getVolumeTransmissionRay( n, v, thickness, iors[ i ], modelMatrix );
				vec3 refractedRayExit = position + transmissionRay;
				vec4 ndcPos = projMatrix * viewMatrix * vec4( refractedRayExit, 1.0 );
				vec2 refractionCoords = ndcPos.xy / ndcPos.w;
				refractionCoords += 1.0;
				refractionCoords /= 2.0;
				vec4 transmissionSample = getTransmissionSample( refractionCoords, roughness, iors[ i ] );
				transmittedLight[ i ] = transmissionSample[ i ];
				transmittedLight.a += transmissionSample.a;
				transmittance[ i ] = diffuseColor[ i ] * volumeAttenuation( length( transmissionRay ), attenuationColor, attenuationDistance )[ i ];
			}
			transmittedLight.a /= 3.0;
		#else
			vec3 transmissionRay = getVolumeTransmissionRay( n, v, thickness, ior, modelMatrix );
			vec3 refractedRayExit = position + transmissionRay;
			vec4 ndcPos = projMatrix * viewMatrix * vec4( refractedRayExit, 1.0 );
			vec2 refractionCoords = ndcPos.xy / ndcPos.w;
			refractionCoords += 1.0;
			refractionCoords /= 2.0;
			transmittedLight = getTransmissionSample( refractionCoords, roughness, ior );
			transmittance = diffuseColor * volumeAttenuation( length( transmissionRay ), attenuationColor, attenuationDistance );
		#endif
		vec3 attenuatedColor = transmittance * transmittedLight.rgb;
		vec3 F = EnvironmentBRDF( n, v, specularColor, specularF90, roughness );
		float transmittanceFactor = ( transmittance.r + transmittance.g + transmittance.b ) / 3.0;
		return vec4( ( 1.0 - F ) * attenuatedColor, 1.0 - ( 1.0 - transmittedLight.a ) * transmittanceFactor );
	}
#endif`,ax=`#if defined( USE_UV ) || defined( USE_ANISOTROPY )
	varying vec2 vUv;
#endif
#ifdef USE_MAP
	varying vec2 vMapUv;
#endif
#ifdef USE_ALPHAMAP
	varying vec2 vAlphaMapUv;
#endif
#ifdef USE_LIGHTMAP
	varying vec2 vLightMapUv;
#endif
#ifdef USE_AOMAP
	varying vec2 vAoMapUv;
#endif
#ifdef USE_BUMPMAP
	varying vec2 vBumpMapUv;
#endif
#ifdef USE_NORMALMAP
	varying vec2 vNormalMapUv;
#endif
#ifdef USE_EMISSIVEMAP
	varying vec2 vEmissiveMapUv;
#endif
#ifdef USE_METALNESSMAP
	varying vec2 vMetalnessMapUv;
#endif
#ifdef USE_ROUGHNESSMAP
	varying vec2 vRoughnessMapUv;
#endif
#ifdef USE_DIFFUSE_ROUGHNESSMAP
	varying vec2 vDiffuseRoughnessMapUv;
#endif
#ifdef USE_ANISOTROPYMAP
	varying vec2 vAnisotropyMapUv;
#endif
#ifdef USE_CLEARCOATMAP
	varying vec2 vClearcoatMapUv;
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	varying vec2 vClearcoatNormalMapUv;
#endif
#ifdef USE_CLEARCOAT_ROUGHNESSMAP
	varying vec2 vClearcoatRoughnessMapUv;
#endif
#ifdef USE_IRIDESCENCEMAP
	varying vec2 vIridescenceMapUv;
#endif
#ifdef USE_IRIDESCENCE_THICKNESSMAP
	varying vec2 vIridescenceThicknessMapUv;
#endif
#ifdef USE_SHEEN_COLORMAP
	varying vec2 vSheenColorMapUv;
#endif
#ifdef USE_SHEEN_ROUGHNESSMAP
	varying vec2 vSheenRoughnessMapUv;
#endif
#ifdef USE_SPECULARMAP
	varying vec2 vSpecularMapUv;
#endif
#ifdef USE_SPECULAR_COLORMAP
	varying vec2 vSpecularColorMapUv;
#endif
#ifdef USE_SPECULAR_INTENSITYMAP
	varying vec2 vSpecularIntensityMapUv;
#endif
#ifdef USE_TRANSMISSIONMAP
	uniform mat3 transmissionMapTransform;
	varying vec2 vTransmissionMapUv;
#endif
#ifdef USE_THICKNESSMAP
	uniform mat3 thicknessMapTransform;
	varying vec2 vThicknessMapUv;
#endif`,ox=`#if defined( USE_UV ) || defined( USE_ANISOTROPY )
	varying vec2 vUv;
#endif
#ifdef USE_MAP
	uniform mat3 mapTransform;
	varying vec2 vMapUv;
#endif
#ifdef USE_ALPHAMAP
	uniform mat3 alphaMapTransform;
	varying vec2 vAlphaMapUv;
#endif
#ifdef USE_LIGHTMAP
	uniform mat3 lightMapTransform;
	varying vec2 vLightMapUv;
#endif
#ifdef USE_AOMAP
	uniform mat3 aoMapTransform;
	varying vec2 vAoMapUv;
#endif
#ifdef USE_BUMPMAP
	uniform mat3 bumpMapTransform;
	varying vec2 vBumpMapUv;
#endif
#ifdef USE_NORMALMAP
	uniform mat3 normalMapTransform;
	varying vec2 vNormalMapUv;
#endif
#ifdef USE_DISPLACEMENTMAP
	uniform mat3 displacementMapTransform;
	varying vec2 vDisplacementMapUv;
#endif
#ifdef USE_EMISSIVEMAP
	uniform mat3 emissiveMapTransform;
	varying vec2 vEmissiveMapUv;
#endif
#ifdef USE_METALNESSMAP
	uniform mat3 metalnessMapTransform;
	varying vec2 vMetalnessMapUv;
#endif
#ifdef USE_ROUGHNESSMAP
	uniform mat3 roughnessMapTransform;
	varying vec2 vRoughnessMapUv;
#endif
#ifdef USE_DIFFUSE_ROUGHNESSMAP
	uniform mat3 diffuseRoughnessMapTransform;
	varying vec2 vDiffuseRoughnessMapUv;
#endif
#ifdef USE_ANISOTROPYMAP
	uniform mat3 anisotropyMapTransform;
	varying vec2 vAnisotropyMapUv;
#endif
#ifdef USE_CLEARCOATMAP
	uniform mat3 clearcoatMapTransform;
	varying vec2 vClearcoatMapUv;
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	uniform mat3 clearcoatNormalMapTransform;
	varying vec2 vClearcoatNormalMapUv;
#endif
#ifdef USE_CLEARCOAT_ROUGHNESSMAP
	uniform mat3 clearcoatRoughnessMapTransform;
	varying vec2 vClearcoatRoughnessMapUv;
#endif
#ifdef USE_SHEEN_COLORMAP
	uniform mat3 sheenColorMapTransform;
	varying vec2 vSheenColorMapUv;
#endif
#ifdef USE_SHEEN_ROUGHNESSMAP
	uniform mat3 sheenRoughnessMapTransform;
	varying vec2 vSheenRoughnessMapUv;
#endif
#ifdef USE_IRIDESCENCEMAP
	uniform mat3 iridescenceMapTransform;
	varying vec2 vIridescenceMapUv;
#endif
#ifdef USE_IRIDESCENCE_THICKNESSMAP
	uniform mat3 iridescenceThicknessMapTransform;
	varying vec2 vIridescenceThicknessMapUv;
#endif
#ifdef USE_SPECULARMAP
	uniform mat3 specularMapTransform;
	varying vec2 vSpecularMapUv;
#endif
#ifdef USE_SPECULAR_COLORMAP
	uniform mat3 specularColorMapTransform;
	varying vec2 vSpecularColorMapUv;
#endif
#ifdef USE_SPECULAR_INTENSITYMAP
	uniform mat3 specularIntensityMapTransform;
	varying vec2 vSpecularIntensityMapUv;
#endif
#ifdef USE_TRANSMISSIONMAP
	uniform mat3 transmissionMapTransform;
	varying vec2 vTransmissionMapUv;
#endif
#ifdef USE_THICKNESSMAP
	uniform mat3 thicknessMapTransform;
	varying vec2 vThicknessMapUv;
#endif`,lx=`#if defined( USE_UV ) || defined( USE_ANISOTROPY )
	vUv = vec3( uv, 1 ).xy;
#endif
#ifdef USE_MAP
	vMapUv = ( mapTransform * vec3( MAP_UV, 1 ) ).xy;
#endif
#ifdef USE_ALPHAMAP
	vAlphaMapUv = ( alphaMapTransform * vec3( ALPHAMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_LIGHTMAP
	vLightMapUv = ( lightMapTransform * vec3( LIGHTMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_AOMAP
	vAoMapUv = ( aoMapTransform * vec3( AOMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_BUMPMAP
	vBumpMapUv = ( bumpMapTransform * vec3( BUMPMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_NORMALMAP
	vNormalMapUv = ( normalMapTransform * vec3( NORMALMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_DISPLACEMENTMAP
	vDisplacementMapUv = ( displacementMapTransform * vec3( DISPLACEMENTMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_EMISSIVEMAP
	vEmissiveMapUv = ( emissiveMapTransform * vec3( EMISSIVEMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_METALNESSMAP
	vMetalnessMapUv = ( metalnessMapTransform * vec3( METALNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_ROUGHNESSMAP
	vRoughnessMapUv = ( roughnessMapTransform * vec3( ROUGHNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_DIFFUSE_ROUGHNESSMAP
	vDiffuseRoughnessMapUv = ( diffuseRoughnessMapTransform * vec3( DIFFUSE_ROUGHNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_ANISOTROPYMAP
	vAnisotropyMapUv = ( anisotropyMapTransform * vec3( ANISOTROPYMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_CLEARCOATMAP
	vClearcoatMapUv = ( clearcoatMapTransform * vec3( CLEARCOATMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_CLEARCOAT_NORMALMAP
	vClearcoatNormalMapUv = ( clearcoatNormalMapTransform * vec3( CLEARCOAT_NORMALMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_CLEARCOAT_ROUGHNESSMAP
	vClearcoatRoughnessMapUv = ( clearcoatRoughnessMapTransform * vec3( CLEARCOAT_ROUGHNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_IRIDESCENCEMAP
	vIridescenceMapUv = ( iridescenceMapTransform * vec3( IRIDESCENCEMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_IRIDESCENCE_THICKNESSMAP
	vIridescenceThicknessMapUv = ( iridescenceThicknessMapTransform * vec3( IRIDESCENCE_THICKNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SHEEN_COLORMAP
	vSheenColorMapUv = ( sheenColorMapTransform * vec3( SHEEN_COLORMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SHEEN_ROUGHNESSMAP
	vSheenRoughnessMapUv = ( sheenRoughnessMapTransform * vec3( SHEEN_ROUGHNESSMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SPECULARMAP
	vSpecularMapUv = ( specularMapTransform * vec3( SPECULARMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SPECULAR_COLORMAP
	vSpecularColorMapUv = ( specularColorMapTransform * vec3( SPECULAR_COLORMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_SPECULAR_INTENSITYMAP
	vSpecularIntensityMapUv = ( specularIntensityMapTransform * vec3( SPECULAR_INTENSITYMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_TRANSMISSIONMAP
	vTransmissionMapUv = ( transmissionMapTransform * vec3( TRANSMISSIONMAP_UV, 1 ) ).xy;
#endif
#ifdef USE_THICKNESSMAP
	vThicknessMapUv = ( thicknessMapTransform * vec3( THICKNESSMAP_UV, 1 ) ).xy;
#endif`,cx=`#if defined( USE_ENVMAP ) || defined( DISTANCE ) || defined ( USE_SHADOWMAP ) || defined ( USE_TRANSMISSION ) || NUM_SPOT_LIGHT_COORDS > 0
	vec4 worldPosition = vec4( transformed, 1.0 );
	#ifdef USE_BATCHING
		worldPosition = batchingMatrix * worldPosition;
	#endif
	#ifdef USE_INSTANCING
		worldPosition = instanceMatrix * worldPosition;
	#endif
	worldPosition = modelMatrix * worldPosition;
#endif`,ux=`varying vec2 vUv;
uniform mat3 uvTransform;
void main() {
	vUv = ( uvTransform * vec3( uv, 1 ) ).xy;
	gl_Position = vec4( position.xy, 1.0, 1.0 );
}`,hx=`uniform sampler2D t2D;
uniform float backgroundIntensity;
varying vec2 vUv;
void main() {
	vec4 texColor = texture2D( t2D, vUv );
	#ifdef DECODE_VIDEO_TEXTURE
		texColor = vec4( mix( pow( texColor.rgb * 0.9478672986 + vec3( 0.0521327014 ), vec3( 2.4 ) ), texColor.rgb * 0.0773993808, vec3( lessThanEqual( texColor.rgb, vec3( 0.04045 ) ) ) ), texColor.w );
	#endif
	texColor.rgb *= backgroundIntensity;
	gl_FragColor = texColor;
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
}`,dx=`varying vec3 vWorldDirection;
#include <common>
void main() {
	vWorldDirection = transformDirection( position, modelMatrix );
	#include <begin_vertex>
	#include <project_vertex>
	gl_Position.z = gl_Position.w;
}`,fx=`uniform float backgroundBlurriness;
uniform float backgroundIntensity;
uniform mat3 backgroundRotation;
varying vec3 vWorldDirection;
#include <envmap_common_pars_fragment>
void main() {
	#ifdef ENVMAP_TYPE_PMREM
		vec4 texColor = textureLod( envMap, backgroundRotation * vWorldDirection, roughnessToMip( backgroundBlurriness ) );
	#else
		vec4 texColor = textureCube( envMap, backgroundRotation * vWorldDirection );
	#endif
	texColor.rgb *= backgroundIntensity;
	gl_FragColor = texColor;
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
}`,px=`varying vec3 vWorldDirection;
#include <common>
void main() {
	vWorldDirection = transformDirection( position, modelMatrix );
	#include <begin_vertex>
	#include <project_vertex>
	gl_Position.z = gl_Position.w;
}`,mx=`uniform samplerCube tCube;
uniform float tFlip;
uniform float opacity;
varying vec3 vWorldDirection;
void main() {
	vec4 texColor = textureCube( tCube, vec3( tFlip * vWorldDirection.x, vWorldDirection.yz ) );
	gl_FragColor = texColor;
	gl_FragColor.a *= opacity;
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
}`,gx=`#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
varying vec2 vHighPrecisionZW;
void main() {
	#include <uv_vertex>
	#include <batching_vertex>
	#include <skinbase_vertex>
	#include <morphinstance_vertex>
	#ifdef USE_DISPLACEMENTMAP
		#include <beginnormal_vertex>
		#include <morphnormal_vertex>
		#include <skinnormal_vertex>
	#endif
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vHighPrecisionZW = gl_Position.zw;
}`,xx=`#if DEPTH_PACKING == 3200
	uniform float opacity;
#endif
#include <common>
#include <packing>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
varying vec2 vHighPrecisionZW;
void main() {
	vec4 diffuseColor = vec4( 1.0 );
	#include <clipping_planes_fragment>
	#if DEPTH_PACKING == 3200
		diffuseColor.a = opacity;
	#endif
	#include <map_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <logdepthbuf_fragment>
	#ifdef USE_REVERSED_DEPTH_BUFFER
		float fragCoordZ = vHighPrecisionZW[ 0 ] / vHighPrecisionZW[ 1 ];
	#else
		float fragCoordZ = 0.5 * vHighPrecisionZW[ 0 ] / vHighPrecisionZW[ 1 ] + 0.5;
	#endif
	#if DEPTH_PACKING == 3200
		gl_FragColor = vec4( vec3( 1.0 - fragCoordZ ), opacity );
	#elif DEPTH_PACKING == 3201
		gl_FragColor = packDepthToRGBA( fragCoordZ );
	#elif DEPTH_PACKING == 3202
		gl_FragColor = vec4( packDepthToRGB( fragCoordZ ), 1.0 );
	#elif DEPTH_PACKING == 3203
		gl_FragColor = vec4( packDepthToRG( fragCoordZ ), 0.0, 1.0 );
	#endif
}`,yx=`#define DISTANCE
varying vec3 vWorldPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <batching_vertex>
	#include <skinbase_vertex>
	#include <morphinstance_vertex>
	#ifdef USE_DISPLACEMENTMAP
		#include <beginnormal_vertex>
		#include <morphnormal_vertex>
		#include <skinnormal_vertex>
	#endif
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <worldpos_vertex>
	#include <clipping_planes_vertex>
	vWorldPosition = worldPosition.xyz;
}`,vx=`#define DISTANCE
uniform vec3 referencePosition;
uniform float nearDistance;
uniform float farDistance;
varying vec3 vWorldPosition;
#include <common>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( 1.0 );
	#include <clipping_planes_fragment>
	#include <map_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	float dist = length( vWorldPosition - referencePosition );
	dist = ( dist - nearDistance ) / ( farDistance - nearDistance );
	dist = saturate( dist );
	gl_FragColor = vec4( dist, 0.0, 0.0, 1.0 );
}`,_x=`varying vec3 vWorldDirection;
#include <common>
void main() {
	vWorldDirection = transformDirection( position, modelMatrix );
	#include <begin_vertex>
	#include <project_vertex>
}`,Sx=`uniform sampler2D tEquirect;
varying vec3 vWorldDirection;
#include <common>
void main() {
	vec3 direction = normalize( vWorldDirection );
	vec2 sampleUV = equirectUv( direction );
	gl_FragColor = texture2D( tEquirect, sampleUV );
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
}`,bx=`uniform float scale;
attribute float lineDistance;
varying float vLineDistance;
#include <common>
#include <uv_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <morphtarget_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	vLineDistance = scale * lineDistance;
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <fog_vertex>
}`,Mx=`uniform vec3 diffuse;
uniform float opacity;
uniform float dashSize;
uniform float totalSize;
varying float vLineDistance;
#include <common>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <fog_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	if ( mod( vLineDistance, totalSize ) > dashSize ) {
		discard;
	}
	vec3 outgoingLight = vec3( 0.0 );
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	outgoingLight = diffuseColor.rgb;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
}`,wx=`#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <envmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#if defined ( USE_ENVMAP ) || defined ( USE_SKINNING )
		#include <beginnormal_vertex>
		#include <morphnormal_vertex>
		#include <skinbase_vertex>
		#include <skinnormal_vertex>
		#include <defaultnormal_vertex>
	#endif
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <worldpos_vertex>
	#include <envmap_vertex>
	#include <fog_vertex>
}`,Tx=`uniform vec3 diffuse;
uniform float opacity;
#ifndef FLAT_SHADED
	varying vec3 vNormal;
#endif
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <envmap_common_pars_fragment>
#include <envmap_pars_fragment>
#include <fog_pars_fragment>
#include <specularmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <specularmap_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	#ifdef USE_LIGHTMAP
		vec4 lightMapTexel = texture2D( lightMap, vLightMapUv );
		reflectedLight.indirectDiffuse += lightMapTexel.rgb * lightMapIntensity * RECIPROCAL_PI;
	#else
		reflectedLight.indirectDiffuse += vec3( 1.0 );
	#endif
	#include <aomap_fragment>
	reflectedLight.indirectDiffuse *= diffuseColor.rgb;
	vec3 outgoingLight = reflectedLight.indirectDiffuse;
	#include <envmap_fragment>
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,Ex=`#define LAMBERT
varying vec3 vViewPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <envmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <shadowmap_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vViewPosition = - mvPosition.xyz;
	#include <worldpos_vertex>
	#include <envmap_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
}`,Ax=`#define LAMBERT
uniform vec3 diffuse;
uniform vec3 emissive;
uniform float opacity;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <emissivemap_pars_fragment>
#include <envmap_common_pars_fragment>
#include <envmap_pars_fragment>
#include <envmap_physical_pars_fragment>
#include <fog_pars_fragment>
#include <bsdfs>
#include <lights_pars_begin>
#include <normal_pars_fragment>
#include <lights_lambert_pars_fragment>
#include <shadowmap_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <specularmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	vec3 totalEmissiveRadiance = emissive;
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <specularmap_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	#include <emissivemap_fragment>
	#include <lights_lambert_fragment>
	#include <lights_fragment_begin>
	#include <lights_fragment_maps>
	#include <lights_fragment_end>
	#include <aomap_fragment>
	vec3 outgoingLight = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse + totalEmissiveRadiance;
	#include <envmap_fragment>
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,Rx=`#define MATCAP
varying vec3 vViewPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <color_pars_vertex>
#include <displacementmap_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <fog_vertex>
	vViewPosition = - mvPosition.xyz;
}`,Cx=`#define MATCAP
uniform vec3 diffuse;
uniform float opacity;
uniform sampler2D matcap;
varying vec3 vViewPosition;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <fog_pars_fragment>
#include <normal_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	vec3 viewDir = normalize( vViewPosition );
	vec3 x = normalize( vec3( viewDir.z, 0.0, - viewDir.x ) );
	vec3 y = cross( viewDir, x );
	vec2 uv = vec2( dot( x, normal ), dot( y, normal ) ) * 0.495 + 0.5;
	#ifdef USE_MATCAP
		vec4 matcapColor = texture2D( matcap, uv );
	#else
		vec4 matcapColor = vec4( vec3( mix( 0.2, 0.8, uv.y ) ), 1.0 );
	#endif
	vec3 outgoingLight = diffuseColor.rgb * matcapColor.rgb;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,Ix=`#define NORMAL
#if defined( FLAT_SHADED ) || defined( USE_BUMPMAP ) || defined( USE_NORMALMAP_TANGENTSPACE )
	varying vec3 vViewPosition;
#endif
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphinstance_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
#if defined( FLAT_SHADED ) || defined( USE_BUMPMAP ) || defined( USE_NORMALMAP_TANGENTSPACE )
	vViewPosition = - mvPosition.xyz;
#endif
}`,Px=`#define NORMAL
uniform float opacity;
#if defined( FLAT_SHADED ) || defined( USE_BUMPMAP ) || defined( USE_NORMALMAP_TANGENTSPACE )
	varying vec3 vViewPosition;
#endif
#include <uv_pars_fragment>
#include <normal_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( 0.0, 0.0, 0.0, opacity );
	#include <clipping_planes_fragment>
	#include <logdepthbuf_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	gl_FragColor = vec4( normalize( normal ) * 0.5 + 0.5, diffuseColor.a );
	#ifdef OPAQUE
		gl_FragColor.a = 1.0;
	#endif
}`,Dx=`#define PHONG
varying vec3 vViewPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <envmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <shadowmap_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphinstance_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vViewPosition = - mvPosition.xyz;
	#include <worldpos_vertex>
	#include <envmap_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
}`,Lx=`#define PHONG
uniform vec3 diffuse;
uniform vec3 emissive;
uniform vec3 specular;
uniform float shininess;
uniform float opacity;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <emissivemap_pars_fragment>
#include <envmap_common_pars_fragment>
#include <envmap_pars_fragment>
#include <envmap_physical_pars_fragment>
#include <fog_pars_fragment>
#include <bsdfs>
#include <lights_pars_begin>
#include <normal_pars_fragment>
#include <lights_phong_pars_fragment>
#include <shadowmap_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <specularmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	vec3 totalEmissiveRadiance = emissive;
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <specularmap_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	#include <emissivemap_fragment>
	#include <lights_phong_fragment>
	#include <lights_fragment_begin>
	#include <lights_fragment_maps>
	#include <lights_fragment_end>
	#include <aomap_fragment>
	vec3 outgoingLight = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse + reflectedLight.directSpecular + reflectedLight.indirectSpecular + totalEmissiveRadiance;
	#include <envmap_fragment>
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,Fx=`#define STANDARD
varying vec3 vViewPosition;
#ifdef USE_TRANSMISSION
	varying vec3 vWorldPosition;
#endif
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <shadowmap_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vViewPosition = - mvPosition.xyz;
	#include <worldpos_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
#ifdef USE_TRANSMISSION
	vWorldPosition = worldPosition.xyz;
#endif
}`,Nx=`#define STANDARD
#ifdef PHYSICAL
	#define IOR
	#define USE_SPECULAR
#endif
uniform vec3 diffuse;
uniform vec3 emissive;
uniform float roughness;
uniform float metalness;
uniform float opacity;
#ifdef IOR
	uniform float ior;
#endif
#ifdef USE_SPECULAR
	uniform float specularIntensity;
	uniform vec3 specularColor;
	#ifdef USE_SPECULAR_COLORMAP
		uniform sampler2D specularColorMap;
	#endif
	#ifdef USE_SPECULAR_INTENSITYMAP
		uniform sampler2D specularIntensityMap;
	#endif
#endif
#ifdef USE_CLEARCOAT
	uniform float clearcoat;
	uniform float clearcoatRoughness;
#endif
#ifdef USE_DIFFUSE_ROUGHNESS
	uniform float diffuseRoughness;
	#ifdef USE_DIFFUSE_ROUGHNESSMAP
		uniform sampler2D diffuseRoughnessMap;
	#endif
#endif
#ifdef USE_DISPERSION
	uniform float dispersion;
#endif
#ifdef USE_RETROREFLECTION
	uniform float retroreflectivity;
#endif
#ifdef USE_IRIDESCENCE
	uniform float iridescence;
	uniform float iridescenceIOR;
	uniform float iridescenceThicknessMinimum;
	uniform float iridescenceThicknessMaximum;
#endif
#ifdef USE_SHEEN
	uniform vec3 sheenColor;
	uniform float sheenRoughness;
	#ifdef USE_SHEEN_COLORMAP
		uniform sampler2D sheenColorMap;
	#endif
	#ifdef USE_SHEEN_ROUGHNESSMAP
		uniform sampler2D sheenRoughnessMap;
	#endif
#endif
#ifdef USE_ANISOTROPY
	uniform vec2 anisotropyVector;
	#ifdef USE_ANISOTROPYMAP
		uniform sampler2D anisotropyMap;
	#endif
#endif
varying vec3 vViewPosition;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <emissivemap_pars_fragment>
#include <iridescence_fragment>
#include <envmap_common_pars_fragment>
#include <envmap_physical_pars_fragment>
#include <fog_pars_fragment>
#include <lights_pars_begin>
#include <normal_pars_fragment>
#include <lights_physical_pars_fragment>
#include <transmission_pars_fragment>
#include <shadowmap_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <clearcoat_pars_fragment>
#include <iridescence_pars_fragment>
#include <roughnessmap_pars_fragment>
#include <metalnessmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	vec3 totalEmissiveRadiance = emissive;
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <roughnessmap_fragment>
	#include <metalnessmap_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	#include <clearcoat_normal_fragment_begin>
	#include <clearcoat_normal_fragment_maps>
	#include <emissivemap_fragment>
	#include <lights_physical_fragment>
	#include <lights_fragment_begin>
	#include <lights_fragment_maps>
	#include <lights_fragment_end>
	#include <aomap_fragment>
	vec3 totalDiffuse = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse;
	vec3 totalSpecular = reflectedLight.directSpecular + reflectedLight.indirectSpecular;
	#include <transmission_fragment>
	vec3 outgoingLight = totalDiffuse + totalSpecular + totalEmissiveRadiance;
	#ifdef USE_SHEEN
 
		outgoingLight = outgoingLight + sheenSpecularDirect + sheenSpecularIndirect;
 
 	#endif
	#ifdef USE_CLEARCOAT
		float dotNVcc = saturate( dot( geometryClearcoatNormal, geometryViewDir ) );
		vec3 Fcc = F_Schlick( material.clearcoatF0, material.clearcoatF90, dotNVcc );
		outgoingLight = outgoingLight * ( 1.0 - material.clearcoat * Fcc ) + ( clearcoatSpecularDirect + clearcoatSpecularIndirect ) * material.clearcoat;
	#endif
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,Ux=`#define TOON
varying vec3 vViewPosition;
#include <common>
#include <batching_pars_vertex>
#include <uv_pars_vertex>
#include <displacementmap_pars_vertex>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <normal_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <shadowmap_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <normal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <displacementmap_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	vViewPosition = - mvPosition.xyz;
	#include <worldpos_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
}`,Ox=`#define TOON
uniform vec3 diffuse;
uniform vec3 emissive;
uniform float opacity;
#include <common>
#include <dithering_pars_fragment>
#include <color_pars_fragment>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <aomap_pars_fragment>
#include <lightmap_pars_fragment>
#include <emissivemap_pars_fragment>
#include <gradientmap_pars_fragment>
#include <fog_pars_fragment>
#include <bsdfs>
#include <lights_pars_begin>
#include <normal_pars_fragment>
#include <lights_toon_pars_fragment>
#include <shadowmap_pars_fragment>
#include <bumpmap_pars_fragment>
#include <normalmap_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	ReflectedLight reflectedLight = ReflectedLight( vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ), vec3( 0.0 ) );
	vec3 totalEmissiveRadiance = emissive;
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <color_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	#include <normal_fragment_begin>
	#include <normal_fragment_maps>
	#include <emissivemap_fragment>
	#include <lights_toon_fragment>
	#include <lights_fragment_begin>
	#include <lights_fragment_maps>
	#include <lights_fragment_end>
	#include <aomap_fragment>
	vec3 outgoingLight = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse + totalEmissiveRadiance;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
	#include <dithering_fragment>
}`,zx=`uniform float size;
uniform float scale;
#include <common>
#include <color_pars_vertex>
#include <fog_pars_vertex>
#include <morphtarget_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
#ifdef USE_POINTS_UV
	varying vec2 vUv;
	uniform mat3 uvTransform;
#endif
void main() {
	#ifdef USE_POINTS_UV
		vUv = ( uvTransform * vec3( uv, 1 ) ).xy;
	#endif
	#include <color_vertex>
	#include <morphinstance_vertex>
	#include <morphcolor_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <project_vertex>
	gl_PointSize = size;
	#ifdef USE_SIZEATTENUATION
		bool isPerspective = isPerspectiveMatrix( projectionMatrix );
		if ( isPerspective ) gl_PointSize *= ( scale / - mvPosition.z );
	#endif
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <worldpos_vertex>
	#include <fog_vertex>
}`,Bx=`uniform vec3 diffuse;
uniform float opacity;
#include <common>
#include <color_pars_fragment>
#include <map_particle_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <fog_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	vec3 outgoingLight = vec3( 0.0 );
	#include <logdepthbuf_fragment>
	#include <map_particle_fragment>
	#include <color_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	outgoingLight = diffuseColor.rgb;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
}`,kx=`#include <common>
#include <batching_pars_vertex>
#include <fog_pars_vertex>
#include <morphtarget_pars_vertex>
#include <skinning_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <shadowmap_pars_vertex>
void main() {
	#include <batching_vertex>
	#include <beginnormal_vertex>
	#include <morphinstance_vertex>
	#include <morphnormal_vertex>
	#include <skinbase_vertex>
	#include <skinnormal_vertex>
	#include <defaultnormal_vertex>
	#include <begin_vertex>
	#include <morphtarget_vertex>
	#include <skinning_vertex>
	#include <project_vertex>
	#include <logdepthbuf_vertex>
	#include <worldpos_vertex>
	#include <shadowmap_vertex>
	#include <fog_vertex>
}`,Hx=`uniform vec3 color;
uniform float opacity;
#include <common>
#include <fog_pars_fragment>
#include <bsdfs>
#include <lights_pars_begin>
#include <logdepthbuf_pars_fragment>
#include <shadowmap_pars_fragment>
#include <shadowmask_pars_fragment>
void main() {
	#include <logdepthbuf_fragment>
	gl_FragColor = vec4( color, opacity * ( 1.0 - getShadowMask() ) );
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
	#include <premultiplied_alpha_fragment>
}`,Vx=`uniform float rotation;
uniform vec2 center;
#include <common>
#include <uv_pars_vertex>
#include <fog_pars_vertex>
#include <logdepthbuf_pars_vertex>
#include <clipping_planes_pars_vertex>
void main() {
	#include <uv_vertex>
	vec4 mvPosition = modelViewMatrix[ 3 ];
	vec2 scale = vec2( length( modelMatrix[ 0 ].xyz ), length( modelMatrix[ 1 ].xyz ) );
	#ifndef USE_SIZEATTENUATION
		bool isPerspective = isPerspectiveMatrix( projectionMatrix );
		if ( isPerspective ) scale *= - mvPosition.z;
	#endif
	vec2 alignedPosition = ( position.xy - ( center - vec2( 0.5 ) ) ) * scale;
	vec2 rotatedPosition;
	rotatedPosition.x = cos( rotation ) * alignedPosition.x - sin( rotation ) * alignedPosition.y;
	rotatedPosition.y = sin( rotation ) * alignedPosition.x + cos( rotation ) * alignedPosition.y;
	mvPosition.xy += rotatedPosition;
	gl_Position = projectionMatrix * mvPosition;
	#include <logdepthbuf_vertex>
	#include <clipping_planes_vertex>
	#include <fog_vertex>
}`,Gx=`uniform vec3 diffuse;
uniform float opacity;
#include <common>
#include <uv_pars_fragment>
#include <map_pars_fragment>
#include <alphamap_pars_fragment>
#include <alphatest_pars_fragment>
#include <alphahash_pars_fragment>
#include <fog_pars_fragment>
#include <logdepthbuf_pars_fragment>
#include <clipping_planes_pars_fragment>
void main() {
	vec4 diffuseColor = vec4( diffuse, opacity );
	#include <clipping_planes_fragment>
	vec3 outgoingLight = vec3( 0.0 );
	#include <logdepthbuf_fragment>
	#include <map_fragment>
	#include <alphamap_fragment>
	#include <alphatest_fragment>
	#include <alphahash_fragment>
	outgoingLight = diffuseColor.rgb;
	#include <opaque_fragment>
	#include <tonemapping_fragment>
	#include <colorspace_fragment>
	#include <fog_fragment>
}`,Bt={alphahash_fragment:hm,alphahash_pars_fragment:dm,alphamap_fragment:fm,alphamap_pars_fragment:pm,alphatest_fragment:mm,alphatest_pars_fragment:gm,aomap_fragment:xm,aomap_pars_fragment:ym,batching_pars_vertex:vm,batching_vertex:_m,begin_vertex:Sm,beginnormal_vertex:bm,bsdfs:Mm,iridescence_fragment:wm,bumpmap_pars_fragment:Tm,clipping_planes_fragment:Em,clipping_planes_pars_fragment:Am,clipping_planes_pars_vertex:Rm,clipping_planes_vertex:Cm,color_fragment:Im,color_pars_fragment:Pm,color_pars_vertex:Dm,color_vertex:Lm,common:Fm,defaultnormal_vertex:Nm,displacementmap_pars_vertex:Um,displacementmap_vertex:Om,emissivemap_fragment:zm,emissivemap_pars_fragment:Bm,colorspace_fragment:km,colorspace_pars_fragment:Hm,envmap_fragment:Vm,envmap_common_pars_fragment:Gm,envmap_pars_fragment:$m,envmap_pars_vertex:Wm,envmap_physical_pars_fragment:ng,envmap_vertex:qm,fog_vertex:Xm,fog_pars_vertex:Ym,fog_fragment:Km,fog_pars_fragment:Zm,gradientmap_pars_fragment:Qm,lightmap_pars_fragment:Jm,lights_lambert_fragment:jm,lights_lambert_pars_fragment:tg,lights_pars_begin:eg,lights_toon_fragment:ig,lights_toon_pars_fragment:sg,lights_phong_fragment:rg,lights_phong_pars_fragment:ag,lights_physical_fragment:og,lights_physical_pars_fragment:lg,lights_fragment_begin:cg,lights_fragment_maps:ug,lights_fragment_end:hg,lightprobes_pars_fragment:dg,logdepthbuf_fragment:fg,logdepthbuf_pars_fragment:pg,logdepthbuf_pars_vertex:mg,logdepthbuf_vertex:gg,map_fragment:xg,map_pars_fragment:yg,map_particle_fragment:vg,map_particle_pars_fragment:_g,metalnessmap_fragment:Sg,metalnessmap_pars_fragment:bg,morphinstance_vertex:Mg,morphcolor_vertex:wg,morphnormal_vertex:Tg,morphtarget_pars_vertex:Eg,morphtarget_vertex:Ag,normal_fragment_begin:Rg,normal_fragment_maps:Cg,normal_pars_fragment:Ig,normal_pars_vertex:Pg,normal_vertex:Dg,normalmap_pars_fragment:Lg,clearcoat_normal_fragment_begin:Fg,clearcoat_normal_fragment_maps:Ng,clearcoat_pars_fragment:Ug,iridescence_pars_fragment:Og,opaque_fragment:zg,packing:Bg,premultiplied_alpha_fragment:kg,project_vertex:Hg,dithering_fragment:Vg,dithering_pars_fragment:Gg,roughnessmap_fragment:$g,roughnessmap_pars_fragment:Wg,shadowmap_pars_fragment:qg,shadowmap_pars_vertex:Xg,shadowmap_vertex:Yg,shadowmask_pars_fragment:Kg,skinbase_vertex:Zg,skinning_pars_vertex:Qg,skinning_vertex:Jg,skinnormal_vertex:jg,specularmap_fragment:tx,specularmap_pars_fragment:ex,tonemapping_fragment:nx,tonemapping_pars_fragment:ix,transmission_fragment:sx,transmission_pars_fragment:rx,uv_pars_fragment:ax,uv_pars_vertex:ox,uv_vertex:lx,worldpos_vertex:cx,background_vert:ux,background_frag:hx,backgroundCube_vert:dx,backgroundCube_frag:fx,cube_vert:px,cube_frag:mx,depth_vert:gx,depth_frag:xx,distance_vert:yx,distance_frag:vx,equirect_vert:_x,equirect_frag:Sx,linedashed_vert:bx,linedashed_frag:Mx,meshbasic_vert:wx,meshbasic_frag:Tx,meshlambert_vert:Ex,meshlambert_frag:Ax,meshmatcap_vert:Rx,meshmatcap_frag:Cx,meshnormal_vert:Ix,meshnormal_frag:Px,meshphong_vert:Dx,meshphong_frag:Lx,meshphysical_vert:Fx,meshphysical_frag:Nx,meshtoon_vert:Ux,meshtoon_frag:Ox,points_vert:zx,points_frag:Bx,shadow_vert:kx,shadow_frag:Hx,sprite_vert:Vx,sprite_frag:Gx},gt={common:{diffuse:{value:new Ot(16777215)},opacity:{value:1},map:{value:null},mapTransform:{value:new It},alphaMap:{value:null},alphaMapTransform:{value:new It},alphaTest:{value:0}},specularmap:{specularMap:{value:null},specularMapTransform:{value:new It}},envmap:{envMap:{value:null},envMapRotation:{value:new It},reflectivity:{value:1},ior:{value:1.5},refractionRatio:{value:.98},dfgLUT:{value:null}},aomap:{aoMap:{value:null},aoMapIntensity:{value:1},aoMapTransform:{value:new It}},lightmap:{lightMap:{value:null},lightMapIntensity:{value:1},lightMapTransform:{value:new It}},bumpmap:{bumpMap:{value:null},bumpMapTransform:{value:new It},bumpScale:{value:1}},normalmap:{normalMap:{value:null},normalMapTransform:{value:new It},normalScale:{value:new Wt(1,1)}},displacementmap:{displacementMap:{value:null},displacementMapTransform:{value:new It},displacementScale:{value:1},displacementBias:{value:0}},emissivemap:{emissiveMap:{value:null},emissiveMapTransform:{value:new It}},metalnessmap:{metalnessMap:{value:null},metalnessMapTransform:{value:new It}},roughnessmap:{roughnessMap:{value:null},roughnessMapTransform:{value:new It}},gradientmap:{gradientMap:{value:null}},fog:{fogDensity:{value:25e-5},fogNear:{value:1},fogFar:{value:2e3},fogColor:{value:new Ot(16777215)}},lights:{ambientLightColor:{value:[]},lightProbe:{value:[]},sunLights:{value:[],properties:{direction:{},color:{}}},sunLightShadows:{value:[],properties:{shadowIntensity:1,shadowBias:{},shadowNormalBias:{},shadowRadius:{},shadowMapSize:{}}},sunShadowMatrix:{value:[]},sunShadowCascade:{value:[]},directionalLights:{value:[],properties:{direction:{},color:{}}},directionalLightShadows:{value:[],properties:{shadowIntensity:1,shadowBias:{},shadowNormalBias:{},shadowRadius:{},shadowMapSize:{}}},directionalShadowMatrix:{value:[]},spotLights:{value:[],properties:{color:{},position:{},direction:{},distance:{},coneCos:{},penumbraCos:{},decay:{}}},spotLightShadows:{value:[],properties:{shadowIntensity:1,shadowBias:{},shadowNormalBias:{},shadowRadius:{},shadowMapSize:{}}},spotLightMap:{value:[]},spotLightMatrix:{value:[]},pointLights:{value:[],properties:{color:{},position:{},decay:{},distance:{}}},pointLightShadows:{value:[],properties:{shadowIntensity:1,shadowBias:{},shadowNormalBias:{},shadowRadius:{},shadowMapSize:{},shadowCameraNear:{},shadowCameraFar:{}}},pointShadowMatrix:{value:[]},hemisphereLights:{value:[],properties:{direction:{},skyColor:{},groundColor:{}}},rectAreaLights:{value:[],properties:{color:{},position:{},width:{},height:{}}},ltc_1:{value:null},ltc_2:{value:null},probesSH:{value:[]},probesMin:{value:[]},probesMax:{value:[]},probesResolution:{value:[]}},points:{diffuse:{value:new Ot(16777215)},opacity:{value:1},size:{value:1},scale:{value:1},map:{value:null},alphaMap:{value:null},alphaMapTransform:{value:new It},alphaTest:{value:0},uvTransform:{value:new It}},sprite:{diffuse:{value:new Ot(16777215)},opacity:{value:1},center:{value:new Wt(.5,.5)},rotation:{value:0},map:{value:null},mapTransform:{value:new It},alphaMap:{value:null},alphaMapTransform:{value:new It},alphaTest:{value:0}}},ni={basic:{uniforms:tn([gt.common,gt.specularmap,gt.envmap,gt.aomap,gt.lightmap,gt.fog]),vertexShader:Bt.meshbasic_vert,fragmentShader:Bt.meshbasic_frag},lambert:{uniforms:tn([gt.common,gt.specularmap,gt.envmap,gt.aomap,gt.lightmap,gt.emissivemap,gt.bumpmap,gt.normalmap,gt.displacementmap,gt.fog,gt.lights,{emissive:{value:new Ot(0)},envMapIntensity:{value:1}}]),vertexShader:Bt.meshlambert_vert,fragmentShader:Bt.meshlambert_frag},phong:{uniforms:tn([gt.common,gt.specularmap,gt.envmap,gt.aomap,gt.lightmap,gt.emissivemap,gt.bumpmap,gt.normalmap,gt.displacementmap,gt.fog,gt.lights,{emissive:{value:new Ot(0)},specular:{value:new Ot(1118481)},shininess:{value:30},envMapIntensity:{value:1}}]),vertexShader:Bt.meshphong_vert,fragmentShader:Bt.meshphong_frag},standard:{uniforms:tn([gt.common,gt.envmap,gt.aomap,gt.lightmap,gt.emissivemap,gt.bumpmap,gt.normalmap,gt.displacementmap,gt.roughnessmap,gt.metalnessmap,gt.fog,gt.lights,{emissive:{value:new Ot(0)},roughness:{value:1},metalness:{value:0},envMapIntensity:{value:1}}]),vertexShader:Bt.meshphysical_vert,fragmentShader:Bt.meshphysical_frag},toon:{uniforms:tn([gt.common,gt.aomap,gt.lightmap,gt.emissivemap,gt.bumpmap,gt.normalmap,gt.displacementmap,gt.gradientmap,gt.fog,gt.lights,{emissive:{value:new Ot(0)}}]),vertexShader:Bt.meshtoon_vert,fragmentShader:Bt.meshtoon_frag},matcap:{uniforms:tn([gt.common,gt.bumpmap,gt.normalmap,gt.displacementmap,gt.fog,{matcap:{value:null}}]),vertexShader:Bt.meshmatcap_vert,fragmentShader:Bt.meshmatcap_frag},points:{uniforms:tn([gt.points,gt.fog]),vertexShader:Bt.points_vert,fragmentShader:Bt.points_frag},dashed:{uniforms:tn([gt.common,gt.fog,{scale:{value:1},dashSize:{value:1},totalSize:{value:2}}]),vertexShader:Bt.linedashed_vert,fragmentShader:Bt.linedashed_frag},depth:{uniforms:tn([gt.common,gt.displacementmap]),vertexShader:Bt.depth_vert,fragmentShader:Bt.depth_frag},normal:{uniforms:tn([gt.common,gt.bumpmap,gt.normalmap,gt.displacementmap,{opacity:{value:1}}]),vertexShader:Bt.meshnormal_vert,fragmentShader:Bt.meshnormal_frag},sprite:{uniforms:tn([gt.sprite,gt.fog]),vertexShader:Bt.sprite_vert,fragmentShader:Bt.sprite_frag},background:{uniforms:{uvTransform:{value:new It},t2D:{value:null},backgroundIntensity:{value:1}},vertexShader:Bt.background_vert,fragmentShader:Bt.background_frag},backgroundCube:{uniforms:{envMap:{value:null},backgroundBlurriness:{value:0},backgroundIntensity:{value:1},backgroundRotation:{value:new It}},vertexShader:Bt.backgroundCube_vert,fragmentShader:Bt.backgroundCube_frag},cube:{uniforms:{tCube:{value:null},tFlip:{value:-1},opacity:{value:1}},vertexShader:Bt.cube_vert,fragmentShader:Bt.cube_frag},equirect:{uniforms:{tEquirect:{value:null}},vertexShader:Bt.equirect_vert,fragmentShader:Bt.equirect_frag},distance:{uniforms:tn([gt.common,gt.displacementmap,{referencePosition:{value:new C},nearDistance:{value:1},farDistance:{value:1e3}}]),vertexShader:Bt.distance_vert,fragmentShader:Bt.distance_frag},shadow:{uniforms:tn([gt.lights,gt.fog,{color:{value:new Ot(0)},opacity:{value:1}}]),vertexShader:Bt.shadow_vert,fragmentShader:Bt.shadow_frag}};ni.physical={uniforms:tn([ni.standard.uniforms,{clearcoat:{value:0},clearcoatMap:{value:null},clearcoatMapTransform:{value:new It},clearcoatNormalMap:{value:null},clearcoatNormalMapTransform:{value:new It},clearcoatNormalScale:{value:new Wt(1,1)},clearcoatRoughness:{value:0},clearcoatRoughnessMap:{value:null},clearcoatRoughnessMapTransform:{value:new It},diffuseRoughness:{value:0},diffuseRoughnessMap:{value:null},diffuseRoughnessMapTransform:{value:new It},dispersion:{value:0},retroreflectivity:{value:0},iridescence:{value:0},iridescenceMap:{value:null},iridescenceMapTransform:{value:new It},iridescenceIOR:{value:1.3},iridescenceThicknessMinimum:{value:100},iridescenceThicknessMaximum:{value:400},iridescenceThicknessMap:{value:null},iridescenceThicknessMapTransform:{value:new It},sheen:{value:0},sheenColor:{value:new Ot(0)},sheenColorMap:{value:null},sheenColorMapTransform:{value:new It},sheenRoughness:{value:1},sheenRoughnessMap:{value:null},sheenRoughnessMapTransform:{value:new It},transmission:{value:0},transmissionMap:{value:null},transmissionMapTransform:{value:new It},transmissionSamplerSize:{value:new Wt},transmissionSamplerMap:{value:null},thickness:{value:0},thicknessMap:{value:null},thicknessMapTransform:{value:new It},attenuationDistance:{value:0},attenuationColor:{value:new Ot(0)},specularColor:{value:new Ot(1,1,1)},specularColorMap:{value:null},specularColorMapTransform:{value:new It},specularIntensity:{value:1},specularIntensityMap:{value:null},specularIntensityMapTransform:{value:new It},anisotropyVector:{value:new Wt},anisotropyMap:{value:null},anisotropyMapTransform:{value:new It}}]),vertexShader:Bt.meshphysical_vert,fragmentShader:Bt.meshphysical_frag};var jo={r:0,b:0,g:0},$x=new ie,rf=new It;rf.set(-1,0,0,0,1,0,0,0,1);function Wx(i,t,e,n,s,r){let a=new Ot(0),o=s===!0?0:1,c,l,u=null,h=0,d=null;function m(y){let M=y.isScene===!0?y.background:null;if(M&&M.isTexture){let b=y.backgroundBlurriness>0;M=t.get(M,b)}return M}function g(y){let M=!1,b=m(y);b===null?f(a,o):b&&b.isColor&&(f(b,1),M=!0);let w=i.xr.getEnvironmentBlendMode();w==="additive"?e.buffers.color.setClear(0,0,0,1,r):w==="alpha-blend"&&e.buffers.color.setClear(0,0,0,0,r),(i.autoClear||M)&&(e.buffers.depth.setTest(!0),e.buffers.depth.setMask(!0),e.buffers.color.setMask(!0),i.clear(i.autoClearColor,i.autoClearDepth,i.autoClearStencil))}function v(y,M){let b=m(M);b&&b.isCubeTexture?(l===void 0&&(l=new rn(new Fs(1,1,1),new Pn({name:"BackgroundCubeMaterial",uniforms:ls(ni.backgroundCube.uniforms),vertexShader:ni.backgroundCube.vertexShader,fragmentShader:ni.backgroundCube.fragmentShader,side:an,depthTest:!1,depthWrite:!1,fog:!1,allowOverride:!1})),l.geometry.deleteAttribute("normal"),l.geometry.deleteAttribute("uv"),l.onBeforeRender=function(w,E,x){this.matrixWorld.copyPosition(x.matrixWorld)},Object.defineProperty(l.material,"envMap",{get:function(){return this.uniforms.envMap.value}}),n.update(l)),l.material.uniforms.envMap.value=b,l.material.uniforms.backgroundBlurriness.value=M.backgroundBlurriness,l.material.uniforms.backgroundIntensity.value=M.backgroundIntensity,l.material.uniforms.backgroundRotation.value.setFromMatrix4($x.makeRotationFromEuler(M.backgroundRotation)).transpose(),b.isRenderTargetTexture===!1&&l.material.uniforms.backgroundRotation.value.premultiply(rf),l.material.toneMapped=qt.getTransfer(b.colorSpace)!==ae,(u!==b||h!==b.version||d!==i.toneMapping)&&(l.material.needsUpdate=!0,u=b,h=b.version,d=i.toneMapping),l.layers.enableAll(),y.unshift(l,l.geometry,l.material,0,0,null)):b&&b.isTexture&&(c===void 0&&(c=new rn(new Ir(2,2),new Pn({name:"BackgroundMaterial",uniforms:ls(ni.background.uniforms),vertexShader:ni.background.vertexShader,fragmentShader:ni.background.fragmentShader,side:Bi,depthTest:!1,depthWrite:!1,fog:!1,allowOverride:!1})),c.geometry.deleteAttribute("normal"),Object.defineProperty(c.material,"map",{get:function(){return this.uniforms.t2D.value}}),n.update(c)),c.material.uniforms.t2D.value=b,c.material.uniforms.backgroundIntensity.value=M.backgroundIntensity,c.material.toneMapped=qt.getTransfer(b.colorSpace)!==ae,b.matrixAutoUpdate===!0&&b.updateMatrix(),c.material.uniforms.uvTransform.value.copy(b.matrix),(u!==b||h!==b.version||d!==i.toneMapping)&&(c.material.needsUpdate=!0,u=b,h=b.version,d=i.toneMapping),c.layers.enableAll(),y.unshift(c,c.geometry,c.material,0,0,null))}function f(y,M){y.getRGB(jo,Dc(i)),e.buffers.color.setClear(jo.r,jo.g,jo.b,M,r)}function p(){l!==void 0&&(l.geometry.dispose(),l.material.dispose(),l=void 0),c!==void 0&&(c.geometry.dispose(),c.material.dispose(),c=void 0)}return{getClearColor:function(){return a},setClearColor:function(y,M=1){a.set(y),o=M,f(a,o)},getClearAlpha:function(){return o},setClearAlpha:function(y){o=y,f(a,o)},render:g,addToRenderList:v,dispose:p}}function qx(i,t){let e=i.getParameter(i.MAX_VERTEX_ATTRIBS),n={},s=d(null),r=s,a=!1;function o(D,U,$,I,G){let q=!1,k=h(D,I,$,U);r!==k&&(r=k,l(r.object)),q=m(D,I,$,G),q&&g(D,I,$,G),G!==null&&t.update(G,i.ELEMENT_ARRAY_BUFFER),(q||a)&&(a=!1,b(D,U,$,I),G!==null&&i.bindBuffer(i.ELEMENT_ARRAY_BUFFER,t.get(G).buffer))}function c(){return i.createVertexArray()}function l(D){return i.bindVertexArray(D)}function u(D){return i.deleteVertexArray(D)}function h(D,U,$,I){let G=I.wireframe===!0,q=n[U.id];q===void 0&&(q={},n[U.id]=q);let k=D.isInstancedMesh===!0?D.id:0,tt=q[k];tt===void 0&&(tt={},q[k]=tt);let H=tt[$.id];H===void 0&&(H={},tt[$.id]=H);let Q=H[G];return Q===void 0&&(Q=d(c()),H[G]=Q),Q}function d(D){let U=[],$=[],I=[];for(let G=0;G<e;G++)U[G]=0,$[G]=0,I[G]=0;return{geometry:null,program:null,wireframe:!1,newAttributes:U,enabledAttributes:$,attributeDivisors:I,object:D,attributes:{},index:null}}function m(D,U,$,I){let G=r.attributes,q=U.attributes,k=0,tt=$.getAttributes();for(let H in tt)if(tt[H].location>=0){let j=G[H],yt=q[H];if(yt===void 0&&(H==="instanceMatrix"&&D.instanceMatrix&&(yt=D.instanceMatrix),H==="instanceColor"&&D.instanceColor&&(yt=D.instanceColor)),j===void 0||j.attribute!==yt||yt&&j.data!==yt.data)return!0;k++}return r.attributesNum!==k||r.index!==I}function g(D,U,$,I){let G={},q=U.attributes,k=0,tt=$.getAttributes();for(let H in tt)if(tt[H].location>=0){let j=q[H];j===void 0&&(H==="instanceMatrix"&&D.instanceMatrix&&(j=D.instanceMatrix),H==="instanceColor"&&D.instanceColor&&(j=D.instanceColor));let yt={};yt.attribute=j,j&&j.data&&(yt.data=j.data),G[H]=yt,k++}r.attributes=G,r.attributesNum=k,r.index=I}function v(){let D=r.newAttributes;for(let U=0,$=D.length;U<$;U++)D[U]=0}function f(D){p(D,0)}function p(D,U){let $=r.newAttributes,I=r.enabledAttributes,G=r.attributeDivisors;$[D]=1,I[D]===0&&(i.enableVertexAttribArray(D),I[D]=1),G[D]!==U&&(i.vertexAttribDivisor(D,U),G[D]=U)}function y(){let D=r.newAttributes,U=r.enabledAttributes;for(let $=0,I=U.length;$<I;$++)U[$]!==D[$]&&(i.disableVertexAttribArray($),U[$]=0)}function M(D,U,$,I,G,q,k){k===!0?i.vertexAttribIPointer(D,U,$,G,q):i.vertexAttribPointer(D,U,$,I,G,q)}function b(D,U,$,I){v();let G=I.attributes,q=$.getAttributes(),k=U.defaultAttributeValues;for(let tt in q){let H=q[tt];if(H.location>=0){let Q=G[tt];if(Q===void 0&&(tt==="instanceMatrix"&&D.instanceMatrix&&(Q=D.instanceMatrix),tt==="instanceColor"&&D.instanceColor&&(Q=D.instanceColor)),Q!==void 0){let j=Q.normalized,yt=Q.itemSize,Tt=t.get(Q);if(Tt===void 0)continue;let W=Tt.buffer,et=Tt.type,ht=Tt.bytesPerElement,vt=et===i.INT||et===i.UNSIGNED_INT||Q.gpuType===yo;if(Q.isInterleavedBufferAttribute){let ot=Q.data,Ct=ot.isInterleavedBuffer===!0?ot.stride:ot.itemSize,le=Q.offset;if(ot.isInstancedInterleavedBuffer||ot.isInstancedBufferAttribute){for(let Et=0;Et<H.locationSize;Et++)p(H.location+Et,ot.meshPerAttribute);D.isInstancedMesh!==!0&&I._maxInstanceCount===void 0&&(I._maxInstanceCount=ot.meshPerAttribute*ot.count)}else for(let Et=0;Et<H.locationSize;Et++)f(H.location+Et);i.bindBuffer(i.ARRAY_BUFFER,W);for(let Et=0;Et<H.locationSize;Et++)M(H.location+Et,yt/H.locationSize,et,j,Ct*ht,(le+yt/H.locationSize*Et)*ht,vt)}else{if(Q.isInstancedBufferAttribute){for(let ot=0;ot<H.locationSize;ot++)p(H.location+ot,Q.meshPerAttribute);D.isInstancedMesh!==!0&&I._maxInstanceCount===void 0&&(I._maxInstanceCount=Q.meshPerAttribute*Q.count)}else for(let ot=0;ot<H.locationSize;ot++)f(H.location+ot);i.bindBuffer(i.ARRAY_BUFFER,W);for(let ot=0;ot<H.locationSize;ot++)M(H.location+ot,yt/H.locationSize,et,j,yt*ht,yt/H.locationSize*ot*ht,vt)}}else if(k!==void 0){let j=k[tt];if(j!==void 0)switch(j.length){case 2:i.vertexAttrib2fv(H.location,j);break;case 3:i.vertexAttrib3fv(H.location,j);break;case 4:i.vertexAttrib4fv(H.location,j);break;default:i.vertexAttrib1fv(H.location,j)}}}}y()}function w(){N();for(let D in n){let U=n[D];for(let $ in U){let I=U[$];for(let G in I){let q=I[G];for(let k in q)u(q[k].object),delete q[k];delete I[G]}}delete n[D]}}function E(D){if(n[D.id]===void 0)return;let U=n[D.id];for(let $ in U){let I=U[$];for(let G in I){let q=I[G];for(let k in q)u(q[k].object),delete q[k];delete I[G]}}delete n[D.id]}function x(D){for(let U in n){let $=n[U];for(let I in $){let G=$[I];if(G[D.id]===void 0)continue;let q=G[D.id];for(let k in q)u(q[k].object),delete q[k];delete G[D.id]}}}function T(D){for(let U in n){let $=n[U],I=D.isInstancedMesh===!0?D.id:0,G=$[I];if(G!==void 0){for(let q in G){let k=G[q];for(let tt in k)u(k[tt].object),delete k[tt];delete G[q]}delete $[I],Object.keys($).length===0&&delete n[U]}}}function N(){P(),a=!0,r!==s&&(r=s,l(r.object))}function P(){s.geometry=null,s.program=null,s.wireframe=!1}return{setup:o,reset:N,resetDefaultState:P,dispose:w,releaseStatesOfGeometry:E,releaseStatesOfObject:T,releaseStatesOfProgram:x,initAttributes:v,enableAttribute:f,disableUnusedAttributes:y}}function Xx(i,t,e){let n;function s(c){n=c}function r(c,l){i.drawArrays(n,c,l),e.update(l,n,1)}function a(c,l,u){u!==0&&(i.drawArraysInstanced(n,c,l,u),e.update(l,n,u))}function o(c,l,u){if(u===0)return;t.get("WEBGL_multi_draw").multiDrawArraysWEBGL(n,c,0,l,0,u);let d=0;for(let m=0;m<u;m++)d+=l[m];e.update(d,n,1)}this.setMode=s,this.render=r,this.renderInstances=a,this.renderMultiDraw=o}function Yx(i,t,e,n){let s;function r(){if(s!==void 0)return s;if(t.has("EXT_texture_filter_anisotropic")===!0){let x=t.get("EXT_texture_filter_anisotropic");s=i.getParameter(x.MAX_TEXTURE_MAX_ANISOTROPY_EXT)}else s=0;return s}function a(x){return!(x!==Ae&&n.convert(x)!==i.getParameter(i.IMPLEMENTATION_COLOR_READ_FORMAT))}function o(x){let T=x===Gn&&(t.has("EXT_color_buffer_half_float")||t.has("EXT_color_buffer_float"));return!(x!==we&&x!==yn&&!T&&n.convert(x)!==i.getParameter(i.IMPLEMENTATION_COLOR_READ_TYPE))}function c(x){if(x==="highp"){if(i.getShaderPrecisionFormat(i.VERTEX_SHADER,i.HIGH_FLOAT).precision>0&&i.getShaderPrecisionFormat(i.FRAGMENT_SHADER,i.HIGH_FLOAT).precision>0)return"highp";x="mediump"}return x==="mediump"&&i.getShaderPrecisionFormat(i.VERTEX_SHADER,i.MEDIUM_FLOAT).precision>0&&i.getShaderPrecisionFormat(i.FRAGMENT_SHADER,i.MEDIUM_FLOAT).precision>0?"mediump":"lowp"}let l=e.precision!==void 0?e.precision:"highp",u=c(l);u!==l&&(Dt("WebGLRenderer:",l,"not supported, using",u,"instead."),l=u);let h=e.reversedDepthBuffer===!0&&t.has("EXT_clip_control"),d=e.logarithmicDepthBuffer===!0&&h===!1;e.reversedDepthBuffer===!0&&h===!1&&Dt("WebGLRenderer: Unable to use reversed depth buffer due to missing EXT_clip_control extension. Fallback to default depth buffer."),e.logarithmicDepthBuffer===!0&&h===!0&&Dt("WebGLRenderer: Logarithmic depth buffer is ignored when reversed depth buffer is enabled.");let m=i.getParameter(i.MAX_TEXTURE_IMAGE_UNITS),g=i.getParameter(i.MAX_VERTEX_TEXTURE_IMAGE_UNITS),v=i.getParameter(i.MAX_TEXTURE_SIZE),f=i.getParameter(i.MAX_CUBE_MAP_TEXTURE_SIZE),p=i.getParameter(i.MAX_VERTEX_ATTRIBS),y=i.getParameter(i.MAX_VERTEX_UNIFORM_VECTORS),M=i.getParameter(i.MAX_VARYING_VECTORS),b=i.getParameter(i.MAX_FRAGMENT_UNIFORM_VECTORS),w=i.getParameter(i.MAX_SAMPLES),E=i.getParameter(i.SAMPLES);return{isWebGL2:!0,getMaxAnisotropy:r,getMaxPrecision:c,textureFormatReadable:a,textureTypeReadable:o,precision:l,logarithmicDepthBuffer:d,reversedDepthBuffer:h,maxTextures:m,maxVertexTextures:g,maxTextureSize:v,maxCubemapSize:f,maxAttributes:p,maxVertexUniforms:y,maxVaryings:M,maxFragmentUniforms:b,maxSamples:w,samples:E}}function Kx(i){let t=this,e=null,n=0,s=!1,r=!1,a=new Hn,o=new It,c={value:null,needsUpdate:!1};this.uniform=c,this.numPlanes=0,this.numIntersection=0,this.init=function(h,d){let m=h.length!==0||d||n!==0||s;return s=d,n=h.length,m},this.beginShadows=function(){r=!0,u(null)},this.endShadows=function(){r=!1},this.setGlobalState=function(h,d){e=u(h,d,0)},this.setState=function(h,d,m){let g=h.clippingPlanes,v=h.clipIntersection,f=h.clipShadows,p=i.get(h);if(!s||g===null||g.length===0||r&&!f)r?u(null):l();else{let y=r?0:n,M=y*4,b=p.clippingState||null;c.value=b,b=u(g,d,M,m);for(let w=0;w!==M;++w)b[w]=e[w];p.clippingState=b,this.numIntersection=v?this.numPlanes:0,this.numPlanes+=y}};function l(){c.value!==e&&(c.value=e,c.needsUpdate=n>0),t.numPlanes=n,t.numIntersection=0}function u(h,d,m,g){let v=h!==null?h.length:0,f=null;if(v!==0){if(f=c.value,g!==!0||f===null){let p=m+v*4,y=d.matrixWorldInverse;o.getNormalMatrix(y),(f===null||f.length<p)&&(f=new Float32Array(p));for(let M=0,b=m;M!==v;++M,b+=4)a.copy(h[M]).applyMatrix4(y,o),a.normal.toArray(f,b),f[b+3]=a.constant}c.value=f,c.needsUpdate=!0}return t.numPlanes=v,t.numIntersection=0,f}}var cs=class extends Xe{constructor(t=1,e={}){super(t,t,e),this.isWebGLCubeRenderTarget=!0;let n={width:t,height:t,depth:1},s=[n,n,n,n,n,n];this.texture=new Ar(s),this._setTextureOptions(e),this.texture.isRenderTargetTexture=!0}fromEquirectangularTexture(t,e){this.texture.type=e.type,this.texture.colorSpace=e.colorSpace,this.texture.generateMipmaps=e.generateMipmaps,this.texture.minFilter=e.minFilter,this.texture.magFilter=e.magFilter;let n={uniforms:{tEquirect:{value:null}},vertexShader:`

				varying vec3 vWorldDirection;

				vec3 transformDirection( in vec3 dir, in mat4 matrix ) {

					return normalize( ( matrix * vec4( dir, 0.0 ) ).xyz );

				}

				void main() {

					vWorldDirection = transformDirection( position, modelMatrix );

					#include <begin_vertex>
					#include <project_vertex>

				}
			`,fragmentShader:`

				uniform sampler2D tEquirect;

				varying vec3 vWorldDirection;

				#include <common>

				void main() {

					vec3 direction = normalize( vWorldDirection );

					vec2 sampleUV = equirectUv( direction );

					gl_FragColor = texture2D( tEquirect, sampleUV );

				}
			`},s=new Fs(5,5,5),r=new Pn({name:"CubemapFromEquirect",uniforms:ls(n.uniforms),vertexShader:n.vertexShader,fragmentShader:n.fragmentShader,side:an,blending:ss});r.uniforms.tEquirect.value=e;let a=new rn(s,r),o=e.minFilter;return e.minFilter===yi&&(e.minFilter=ke),new zi(1,10,this).update(t,a),e.minFilter=o,a.geometry.dispose(),a.material.dispose(),this}clear(t,e=!0,n=!0,s=!0){let r=t.getRenderTarget();for(let a=0;a<6;a++)t.setRenderTarget(this,a),t.clear(e,n,s);t.setRenderTarget(r)}},Ud=256,Zx=3,Qx=20,af=256,of=16,Jx=3,jx=new C,t0=new Ot,Hs=class i{constructor(t){this._renderer=t,this._cubeSize=0,this._sourceTarget=null,this._cubeCamera=new zi(1,10,null),this._boxMesh=new rn(new Fs(5,5,5),null),this._cubemapMaterial=null,this._equirectMaterial=null,this._blurMaterial=null,this._ggxMaterial=null,this._integrationMaterial=null}fromScene(t,e=0,n=.1,s=100,r={}){let{size:a=256,position:o=jx}=r,c=this._renderer;this._setSize(a);let l=this._allocateTarget(),u=this._getSourceTarget(!0);e>0&&(u.texture.mipmapsAutoUpdate=!1);let h=c.autoClear,d=c.autoClearColor,m=c.autoClearDepth,g=c.autoClearStencil,v=t.background;c.autoClear=!0,c.autoClearColor=!0,c.autoClearDepth=!0,c.autoClearStencil=!0,v===null&&(t.background=c.getClearColor(t0));let f=new zi(n,s,u);return f.position.copy(o),f.update(c,t),c.autoClear=h,c.autoClearColor=d,c.autoClearDepth=m,c.autoClearStencil=g,t.background=v,e>0&&(u.texture.mipmapsAutoUpdate=!0,this._blur(l,e)),this._applyPMREM(l),l}fromEquirectangular(t,e=null){return this._fromTexture(t,e)}fromCubemap(t,e=null){return this._fromTexture(t,e)}compileCubemapShader(){this._cubemapMaterial===null&&(this._cubemapMaterial=Bd(),this._compileMaterial(this._cubemapMaterial))}compileEquirectangularShader(){this._equirectMaterial===null&&(this._equirectMaterial=zd(),this._compileMaterial(this._equirectMaterial))}dispose(){this._sourceTarget!==null&&this._sourceTarget.dispose(),this._cubemapMaterial!==null&&this._cubemapMaterial.dispose(),this._equirectMaterial!==null&&this._equirectMaterial.dispose(),this._blurMaterial!==null&&this._blurMaterial.dispose(),this._ggxMaterial!==null&&this._ggxMaterial.dispose(),this._integrationMaterial!==null&&this._integrationMaterial.dispose(),this._boxMesh.geometry.dispose()}static lodToRoughness(t,e){return e>0?1-Math.sqrt(1-t/e):0}_setSize(t){this._cubeSize=Math.max(Ud,Pd(t))}_fromTexture(t,e){t.mapping===as||t.mapping===zs?this._setSize(t.image.length===0?Ud:t.image[0].width||t.image[0].image.width):this._setSize(t.image.width/4);let n=e||this._allocateTarget();return this._textureToCubemap(t),this._applyPMREM(n),n}_allocateTarget(){let t=this._cubeSize,e=Od(t,!1,!1),n=Math.log2(t)-Zx;for(let s=0;s<=n;s++)e.texture.mipmaps.push({width:t>>s,height:t>>s});return e.texture.name="PMREM",e.texture.isPMREMTexture=!0,e}_getSourceTarget(t=!1){let e=this._cubeSize,n=this._sourceTarget;return(n===null||n.width!==e||t&&n.depthBuffer===!1)&&(n!==null&&n.dispose(),this._sourceTarget=Od(e,!0,t)),this._sourceTarget}_compileMaterial(t){this._boxMesh.material=t,this._renderer.compile(this._boxMesh,this._cubeCamera.children[0])}_renderCube(t,e,n){let s=this._boxMesh,r=this._cubeCamera;s.material=n,r.renderTarget=t,r.activeMipmapLevel=e;let a=t.width>>e;t.viewport.set(0,0,a,a),r.update(this._renderer,s),t.viewport.set(0,0,t.width,t.height)}_textureToCubemap(t){let e;t.mapping===as||t.mapping===zs?(this._cubemapMaterial===null&&(this._cubemapMaterial=Bd()),e=this._cubemapMaterial,e.uniforms.flipEnvMap.value=t.isRenderTargetTexture===!1?-1:1):(this._equirectMaterial===null&&(this._equirectMaterial=zd()),e=this._equirectMaterial),e.uniforms.envMap.value=t,this._renderCube(this._getSourceTarget(),0,e)}_applyPMREM(t){this._ggxMaterial===null&&(this._ggxMaterial=e0(),this._integrationMaterial=n0());let e=this._cubeSize,n=t.texture.mipmaps.length-1,s=this._ggxMaterial.uniforms;s.envMap.value=this._sourceTarget.texture;let r=this._integrationMaterial.uniforms;r.envMap.value=this._sourceTarget.texture,r.sourceLod.value=Math.log2(e/of);for(let a=0;a<=n;a++){let o=i.lodToRoughness(a,n);if(a>n-Jx)r.roughness.value=o,this._renderCube(t,a,this._integrationMaterial);else{let c=o>0?Math.log2(e)+.5*Math.log2(6/(af*Math.pow(o,4)))+.5:0;s.roughness.value=o,s.lodBias.value=c,this._renderCube(t,a,this._ggxMaterial)}}}_blur(t,e){this._blurMaterial===null&&(this._blurMaterial=i0());let n=this._blurMaterial,s=n.uniforms,r=this._sourceTarget;s.sigma.value=Math.min(e,Math.PI)/Math.SQRT2,s.envMap.value=r.texture,this._renderCube(t,0,n),s.envMap.value=t.texture,this._renderCube(r,0,n)}};function Od(i,t,e){return new cs(i,{minFilter:yi,generateMipmaps:t,type:Gn,colorSpace:ji,depthBuffer:e})}function Xr(i,t,e){return new Pn({name:i,uniforms:t,vertexShader:Bt.cube_vert,fragmentShader:e,side:an,blending:ss,depthTest:!1,depthWrite:!1})}function e0(){return Xr("PMREMGGXConvolution",{envMap:{value:null},roughness:{value:0},lodBias:{value:0}},`

		#define GGX_SAMPLES ${af}u

		varying vec3 vWorldDirection;

		uniform samplerCube envMap;
		uniform float roughness;
		uniform float lodBias;

		#include <common>

		// Van der Corput radical inverse
		float radicalInverse_VdC( uint bits ) {

			bits = ( bits << 16u ) | ( bits >> 16u );
			bits = ( ( bits & 0x55555555u ) << 1u ) | ( ( bits & 0xAAAAAAAAu ) >> 1u );
			bits = ( ( bits & 0x33333333u ) << 2u ) | ( ( bits & 0xCCCCCCCCu ) >> 2u );
			bits = ( ( bits & 0x0F0F0F0Fu ) << 4u ) | ( ( bits & 0xF0F0F0F0u ) >> 4u );
			bits = ( ( bits & 0x00FF00FFu ) << 8u ) | ( ( bits & 0xFF00FF00u ) >> 8u );
			return float( bits ) * 2.3283064365386963e-10; // / 0x100000000

		}

		// Hammersley sequence
		vec2 hammersley( uint i, uint N ) {

			return vec2( float( i ) / float( N ), radicalInverse_VdC( i ) );

		}

		void main() {

			vec3 N = normalize( vWorldDirection );

			// For very low roughness, just sample the environment directly
			if ( roughness < 0.001 ) {

				gl_FragColor = vec4( textureLod( envMap, N, 0.0 ).rgb, 1.0 );
				return;

			}

			float alpha = roughness * roughness;
			float alpha2 = alpha * alpha;

			// Tangent space basis for VNDF sampling
			vec3 up = abs( N.z ) < 0.999 ? vec3( 0.0, 0.0, 1.0 ) : vec3( 1.0, 0.0, 0.0 );
			vec3 tangent = normalize( cross( up, N ) );
			vec3 bitangent = cross( N, tangent );

			vec3 prefilteredColor = vec3( 0.0 );
			float totalWeight = 0.0;

			for ( uint i = 0u; i < GGX_SAMPLES; i ++ ) {

				vec2 Xi = hammersley( i, GGX_SAMPLES );

				// With V = N, sample the reflected direction directly.
				float invQ = 1.0 / ( 1.0 - Xi.x + alpha2 * Xi.x );
				float NdotL = ( 1.0 - Xi.x - alpha2 * Xi.x ) * invQ;

				if ( NdotL > 0.0 ) {

					float phi = 2.0 * PI * Xi.y;
					float sinTheta = 2.0 * alpha * sqrt( Xi.x * ( 1.0 - Xi.x ) ) * invQ;
					vec3 L = N * NdotL + ( tangent * cos( phi ) + bitangent * sin( phi ) ) * sinTheta;

					// Match the source mip to the sample's solid angle. The terms
					// independent of the sample are precomputed in lodBias.
					float d = alpha2 * invQ;
					float lod = max( log2( d ) + lodBias, 0.0 );

					// Weight by NdotL for the split-sum approximation
					prefilteredColor += textureLod( envMap, L, lod ).rgb * NdotL;
					totalWeight += NdotL;

				}

			}

			gl_FragColor = vec4( prefilteredColor / totalWeight, 1.0 );

		}
	`)}function n0(){return Xr("PMREMGGXIntegration",{envMap:{value:null},roughness:{value:0},sourceLod:{value:0},sourceSize:{value:of}},`

		varying vec3 vWorldDirection;

		uniform samplerCube envMap;
		uniform float roughness;
		uniform float sourceLod;
		uniform int sourceSize;

		void main() {

			vec3 N = normalize( vWorldDirection );

			float alpha = roughness * roughness;
			float alpha2 = alpha * alpha;

			float texelSize = 2.0 / float( sourceSize );

			vec3 prefilteredColor = vec3( 0.0 );
			float totalWeight = 0.0;

			// Pair opposite texels: only the one in N's hemisphere contributes.
			for ( int face = 0; face < 3; face ++ ) {

				for ( int y = 0; y < sourceSize; y ++ ) {

					for ( int x = 0; x < sourceSize; x ++ ) {

						vec2 uv = ( vec2( x, y ) + 0.5 ) * texelSize - 1.0;
						vec3 texelDirection = face == 0 ? vec3( 1.0, uv ) : ( face == 1 ? vec3( uv.x, 1.0, uv.y ) : vec3( uv, 1.0 ) );

						float invDistance = inversesqrt( 1.0 + dot( uv, uv ) );
						float NdotL = dot( N, texelDirection );
						texelDirection *= NdotL < 0.0 ? - 1.0 : 1.0;
						NdotL = abs( NdotL ) * invDistance;

						// With V = N, NdotH squared is ( 1 + NdotL ) / 2. Common factors
						// in the GGX distribution and texel solid angle cancel when normalized.
						float d = 1.0 + alpha2 + ( alpha2 - 1.0 ) * NdotL;
						float weight = NdotL * invDistance * invDistance * invDistance / ( d * d );

						prefilteredColor += textureLod( envMap, texelDirection, sourceLod ).rgb * weight;
						totalWeight += weight;

					}

				}

			}

			gl_FragColor = vec4( prefilteredColor / totalWeight, 1.0 );

		}
	`)}function i0(){return Xr("PMREMSphericalGaussianBlur",{envMap:{value:null},sigma:{value:0}},`

		#define SAMPLES ${Qx}
		#define GOLDEN_ANGLE 2.39996322973

		varying vec3 vWorldDirection;

		uniform samplerCube envMap;
		uniform float sigma;

		#include <common>

		void main() {

			vec3 outputDirection = normalize( vWorldDirection );

			vec3 up = abs( outputDirection.z ) < 0.999 ? vec3( 0.0, 0.0, 1.0 ) : vec3( 1.0, 0.0, 0.0 );
			vec3 tangent = normalize( cross( up, outputDirection ) );
			vec3 bitangent = cross( outputDirection, tangent );

			// Truncate the kernel at three standard deviations or at the antipode.
			float thetaMax = min( 3.0 * sigma, PI );
			float truncation = 1.0 - exp( - 0.5 * thetaMax * thetaMax / ( sigma * sigma ) );

			vec3 accumColor = vec3( 0.0 );
			float accumWeight = 0.0;

			for ( int i = 0; i < SAMPLES; i ++ ) {

				// Stratified inverse-CDF sampling of the Gaussian, placed on a golden-angle spiral.
				float stratum = ( float( i ) + 0.5 ) / float( SAMPLES );
				float theta = sigma * sqrt( - 2.0 * log( 1.0 - stratum * truncation ) );
				float phi = float( i ) * GOLDEN_ANGLE;

				vec3 offset = cos( phi ) * tangent + sin( phi ) * bitangent;
				vec3 sampleDirection = cos( theta ) * outputDirection + sin( theta ) * offset;

				// Correct the planar sample density to solid angle.
				float weight = sin( theta ) / theta;

				accumColor += weight * textureLod( envMap, sampleDirection, 0.0 ).rgb;
				accumWeight += weight;

			}

			gl_FragColor = vec4( accumColor / accumWeight, 1.0 );

		}
	`)}function zd(){return Xr("PMREMEquirectangularToCubemap",{envMap:{value:null}},`

		varying vec3 vWorldDirection;

		uniform sampler2D envMap;

		#include <common>

		void main() {

			// Average four subpixel samples to preserve small, bright features.
			vec3 direction = normalize( vWorldDirection );
			vec3 dx = dFdx( direction ) * 0.25;
			vec3 dy = dFdy( direction ) * 0.25;

			vec3 color = textureLod( envMap, equirectUv( normalize( direction - dx - dy ) ), 0.0 ).rgb;
			color += textureLod( envMap, equirectUv( normalize( direction + dx - dy ) ), 0.0 ).rgb;
			color += textureLod( envMap, equirectUv( normalize( direction - dx + dy ) ), 0.0 ).rgb;
			color += textureLod( envMap, equirectUv( normalize( direction + dx + dy ) ), 0.0 ).rgb;
			gl_FragColor = vec4( color * 0.25, 1.0 );

		}
	`)}function Bd(){return Xr("PMREMCubemapToCubemap",{envMap:{value:null},flipEnvMap:{value:-1}},`

		varying vec3 vWorldDirection;

		uniform samplerCube envMap;
		uniform float flipEnvMap;

		void main() {

			gl_FragColor = vec4( textureCube( envMap, vec3( flipEnvMap * vWorldDirection.x, vWorldDirection.yz ) ).rgb, 1.0 );

		}
	`)}function s0(i){let t=new WeakMap,e=new WeakMap,n=null;function s(d,m=!1){return d==null?null:m?a(d):r(d)}function r(d){if(d&&d.isTexture){let m=d.mapping;if(m===mo||m===go)if(t.has(d)){let g=t.get(d).texture;return o(g,d.mapping)}else{let g=d.image;if(g&&g.height>0){let v=new cs(g.height);return v.fromEquirectangularTexture(i,d),t.set(d,v),d.addEventListener("dispose",l),o(v.texture,d.mapping)}else return null}}return d}function a(d){if(d&&d.isTexture&&d.isPMREMTexture!==!0){let m=d.mapping,g=m===mo||m===go,v=m===as||m===zs;if(g||v){let f=e.get(d),p=f!==void 0?f.texture.pmremVersion:0;if(d.isRenderTargetTexture&&d.pmremVersion!==p)return n===null&&(n=new Hs(i)),f=g?n.fromEquirectangular(d,f):n.fromCubemap(d,f),f.texture.pmremVersion=d.pmremVersion,e.set(d,f),f.texture;if(f!==void 0)return f.texture;{let y=d.image;return g&&y&&y.height>0||v&&y&&c(y)?(n===null&&(n=new Hs(i)),f=g?n.fromEquirectangular(d):n.fromCubemap(d),f.texture.pmremVersion=d.pmremVersion,e.set(d,f),d.addEventListener("dispose",u),f.texture):null}}}return d}function o(d,m){return m===mo?d.mapping=as:m===go&&(d.mapping=zs),d}function c(d){let m=0,g=6;for(let v=0;v<g;v++)d[v]!==void 0&&m++;return m===g}function l(d){let m=d.target;m.removeEventListener("dispose",l);let g=t.get(m);g!==void 0&&(t.delete(m),g.dispose())}function u(d){let m=d.target;m.removeEventListener("dispose",u);let g=e.get(m);g!==void 0&&(e.delete(m),g.dispose())}function h(){t=new WeakMap,e=new WeakMap,n!==null&&(n.dispose(),n=null)}return{get:s,dispose:h}}function r0(i){let t={};function e(n){if(t[n]!==void 0)return t[n];let s=i.getExtension(n);return t[n]=s,s}return{has:function(n){return e(n)!==null},init:function(){e("EXT_color_buffer_float"),e("WEBGL_clip_cull_distance"),e("OES_texture_float_linear"),e("EXT_color_buffer_half_float"),e("WEBGL_multisampled_render_to_texture"),e("WEBGL_render_shared_exponent")},get:function(n){let s=e(n);return s===null&&yr("WebGLRenderer: "+n+" extension not supported."),s}}}function a0(i,t,e,n){let s={},r=new WeakMap,a=new FinalizationRegistry(g=>delete s[g]);function o(g){c(g.target)}function c(g){g.index!==null&&t.remove(g.index);for(let f in g.attributes)t.remove(g.attributes[f]);g.removeEventListener("dispose",o),delete s[g.id],a.unregister(g);let v=r.get(g);v&&(t.remove(v),r.delete(g)),n.releaseStatesOfGeometry(g),g.isInstancedBufferGeometry===!0&&delete g._maxInstanceCount,e.memory.geometries--}function l(g,v){return s[v.id]!==void 0||(v.addEventListener("dispose",o),s[v.id]=new WeakRef(v),a.register(v,v.id,v),e.memory.geometries++),v}function u(g){let v=g.attributes;for(let f in v)t.update(v[f],i.ARRAY_BUFFER)}function h(g){let v=g.index,f=g.attributes.position,p=0;if(f===void 0)return;let y=v!==null?v.array.length:f.array.length/3-1,M=f.count>=65535?Er:Tr,b=new M(Math.ceil(y/3)*6,1),w=b.array;if(v!==null){let x=v.array;p=v.version;for(let T=0,N=0;T<y;T+=3){let P=x[T+0],D=x[T+1],U=x[T+2];w[N++]=P,w[N++]=D,w[N++]=D,w[N++]=U,w[N++]=U,w[N++]=P}}else{p=f.version;for(let x=0,T=0;x<y;x+=3){let N=x+0,P=x+1,D=x+2;w[T++]=N,w[T++]=P,w[T++]=P,w[T++]=D,w[T++]=D,w[T++]=N}}b.version=p;let E=r.get(g);E&&t.remove(E),r.set(g,b)}function d(g){let v=r.get(g);if(v){let f=g.index;f!==null&&v.version<f.version&&h(g)}else h(g);return r.get(g)}function m(){for(let g in s){let v=s[g].deref();v!==void 0&&c(v)}}return{get:l,update:u,getWireframeAttribute:d,dispose:m}}function o0(i,t,e){let n;function s(h){n=h}let r,a;function o(h){r=h.type,a=h.bytesPerElement}function c(h,d){i.drawElements(n,d,r,h*a),e.update(d,n,1)}function l(h,d,m){m!==0&&(i.drawElementsInstanced(n,d,r,h*a,m),e.update(d,n,m))}function u(h,d,m){if(m===0)return;t.get("WEBGL_multi_draw").multiDrawElementsWEBGL(n,d,0,r,h,0,m);let v=0;for(let f=0;f<m;f++)v+=d[f];e.update(v,n,1)}this.setMode=s,this.setIndex=o,this.render=c,this.renderInstances=l,this.renderMultiDraw=u}function l0(i){let t={geometries:0,textures:0},e={frame:0,calls:0,triangles:0,points:0,lines:0};function n(r,a,o){switch(e.calls++,a){case i.TRIANGLES:e.triangles+=o*(r/3);break;case i.LINES:e.lines+=o*(r/2);break;case i.LINE_STRIP:e.lines+=o*(r-1);break;case i.LINE_LOOP:e.lines+=o*r;break;case i.POINTS:e.points+=o*r;break;default:Lt("WebGLInfo: Unknown draw mode:",a);break}}function s(){e.calls=0,e.triangles=0,e.points=0,e.lines=0}return{memory:t,render:e,programs:null,autoReset:!0,reset:s,update:n}}function c0(i,t,e){let n=new WeakMap,s=new Qt;function r(a,o,c){let l=a.morphTargetInfluences,u=o.morphAttributes.position||o.morphAttributes.normal||o.morphAttributes.color,h=u!==void 0?u.length:0,d=n.get(o);if(d===void 0||d.count!==h){let N=function(){x.dispose(),n.delete(o),o.removeEventListener("dispose",N)};d!==void 0&&d.texture.dispose();let m=o.morphAttributes.position!==void 0,g=o.morphAttributes.normal!==void 0,v=o.morphAttributes.color!==void 0,f=o.morphAttributes.position||[],p=o.morphAttributes.normal||[],y=o.morphAttributes.color||[],M=0;m===!0&&(M=1),g===!0&&(M=2),v===!0&&(M=3);let b=o.attributes.position.count*M,w=1;b>t.maxTextureSize&&(w=Math.ceil(b/t.maxTextureSize),b=t.maxTextureSize);let E=new Float32Array(b*w*4*h),x=new _e(E,b,w,h);x.type=yn,x.needsUpdate=!0;let T=M*4;for(let P=0;P<h;P++){let D=f[P],U=p[P],$=y[P],I=b*w*4*P;for(let G=0;G<D.count;G++){let q=G*T;m===!0&&(s.fromBufferAttribute(D,G),E[I+q+0]=s.x,E[I+q+1]=s.y,E[I+q+2]=s.z,E[I+q+3]=0),g===!0&&(s.fromBufferAttribute(U,G),E[I+q+4]=s.x,E[I+q+5]=s.y,E[I+q+6]=s.z,E[I+q+7]=0),v===!0&&(s.fromBufferAttribute($,G),E[I+q+8]=s.x,E[I+q+9]=s.y,E[I+q+10]=s.z,E[I+q+11]=$.itemSize===4?s.w:1)}}d={count:h,texture:x,size:new Wt(b,w)},n.set(o,d),o.addEventListener("dispose",N)}if(a.isInstancedMesh===!0&&a.morphTexture!==null)c.getUniforms().setValue(i,"morphTexture",a.morphTexture,e);else{let m=0;for(let v=0;v<l.length;v++)m+=l[v];let g=o.morphTargetsRelative?1:1-m;c.getUniforms().setValue(i,"morphTargetBaseInfluence",g),c.getUniforms().setValue(i,"morphTargetInfluences",l)}c.getUniforms().setValue(i,"morphTargetsTexture",d.texture,e),c.getUniforms().setValue(i,"morphTargetsTextureSize",d.size)}return{update:r}}function u0(i,t,e,n,s){let r=new WeakMap;function a(l){let u=s.render.frame,h=l.geometry,d=t.get(l,h);if(r.get(d)!==u&&(t.update(d),r.set(d,u)),l.isInstancedMesh&&(l.hasEventListener("dispose",c)===!1&&l.addEventListener("dispose",c),r.get(l)!==u&&(e.update(l.instanceMatrix,i.ARRAY_BUFFER),l.instanceColor!==null&&e.update(l.instanceColor,i.ARRAY_BUFFER),r.set(l,u))),l.isSkinnedMesh){let m=l.skeleton;r.get(m)!==u&&(m.update(),r.set(m,u))}return d}function o(){r=new WeakMap}function c(l){let u=l.target;u.removeEventListener("dispose",c),n.releaseStatesOfObject(u),e.remove(u.instanceMatrix),u.instanceColor!==null&&e.remove(u.instanceColor)}return{update:a,dispose:o}}var h0={[hc]:"LINEAR_TONE_MAPPING",[dc]:"REINHARD_TONE_MAPPING",[fc]:"CINEON_TONE_MAPPING",[pc]:"ACES_FILMIC_TONE_MAPPING",[gc]:"AGX_TONE_MAPPING",[xc]:"NEUTRAL_TONE_MAPPING",[mc]:"CUSTOM_TONE_MAPPING"};function d0(i,t,e,n,s,r){let a=new Xe(t,e,{type:i,depthBuffer:s,stencilBuffer:r,samples:n?4:0,storeMultisampledDepthBuffer:!1,storeMultisampledStencilBuffer:!1,resolveDepthBuffer:!1,resolveStencilBuffer:!1}),o=null,c=null,l=null,u=new Vn;u.setAttribute("position",new sn([-1,3,0,-1,-1,0,3,-1,0],3)),u.setAttribute("uv",new sn([0,2,0,0,2,0],2));let h=new xi({uniforms:{tDiffuse:{value:null}},vertexShader:`
			precision highp float;

			uniform mat4 modelViewMatrix;
			uniform mat4 projectionMatrix;

			attribute vec3 position;
			attribute vec2 uv;

			varying vec2 vUv;

			void main() {
				vUv = uv;
				gl_Position = projectionMatrix * modelViewMatrix * vec4( position, 1.0 );
			}`,fragmentShader:`
			precision highp float;

			uniform sampler2D tDiffuse;

			varying vec2 vUv;

			#include <tonemapping_pars_fragment>
			#include <colorspace_pars_fragment>

			void main() {
				gl_FragColor = texture2D( tDiffuse, vUv );

				#ifdef LINEAR_TONE_MAPPING
					gl_FragColor.rgb = LinearToneMapping( gl_FragColor.rgb );
				#elif defined( REINHARD_TONE_MAPPING )
					gl_FragColor.rgb = ReinhardToneMapping( gl_FragColor.rgb );
				#elif defined( CINEON_TONE_MAPPING )
					gl_FragColor.rgb = CineonToneMapping( gl_FragColor.rgb );
				#elif defined( ACES_FILMIC_TONE_MAPPING )
					gl_FragColor.rgb = ACESFilmicToneMapping( gl_FragColor.rgb );
				#elif defined( AGX_TONE_MAPPING )
					gl_FragColor.rgb = AgXToneMapping( gl_FragColor.rgb );
				#elif defined( NEUTRAL_TONE_MAPPING )
					gl_FragColor.rgb = NeutralToneMapping( gl_FragColor.rgb );
				#elif defined( CUSTOM_TONE_MAPPING )
					gl_FragColor.rgb = CustomToneMapping( gl_FragColor.rgb );
				#endif

				#ifdef SRGB_TRANSFER
					gl_FragColor = sRGBTransferOETF( gl_FragColor );
				#endif
			}`,depthTest:!1,depthWrite:!1}),d=new rn(u,h),m=new Oi(-1,1,1,-1,0,1),g=null,v=null,f=!1,p,y=null,M=[],b=!1;this.setSize=function(w,E){a.setSize(w,E),o!==null&&o.setSize(w,E),c!==null&&c.setSize(w,E);for(let x=0;x<M.length;x++){let T=M[x];T.setSize&&T.setSize(w,E)}},this.setEffects=function(w){M=w,b=M.length>0&&M[0].isRenderPass===!0;let E=a.width,x=a.height;M.length>0&&o===null&&(o=new Xe(E,x,{type:Gn,depthBuffer:!1,stencilBuffer:!1}),c=new Xe(E,x,{type:Gn,depthBuffer:!1,stencilBuffer:!1}));let T=s===!0&&M.some(N=>N.needsDepthTexture===!0);T!==(a.depthTexture!==null)&&(T===!0&&l===null&&(l=new gi(E,x),r===!0&&(l.format=vi,l.type=os)),a.dispose(),a.depthTexture=T?l:null,a.resolveDepthBuffer=T,a.storeMultisampledDepthBuffer=T);for(let N=0;N<M.length;N++){let P=M[N];P.setSize&&P.setSize(E,x),T&&P.needsDepthTexture===!0&&P.setDepthTexture&&P.setDepthTexture(l)}},this.begin=function(w,E){if(f||w.toneMapping===jn&&M.length===0)return!1;if(y=E,E!==null){let x=E.width,T=E.height;(a.width!==x||a.height!==T)&&this.setSize(x,T)}return b===!1&&w.setRenderTarget(a),p=w.toneMapping,w.toneMapping=jn,!0},this.hasRenderPass=function(){return b},this.end=function(w,E){w.toneMapping=p,f=!0;let x=a,T=o;for(let N=0;N<M.length;N++){let P=M[N];P.enabled!==!1&&(P.render(w,T,x,E),P.needsSwap!==!1&&(x=T,T=T===o?c:o))}if(g!==w.outputColorSpace||v!==w.toneMapping){g=w.outputColorSpace,v=w.toneMapping,h.defines={},qt.getTransfer(g)===ae&&(h.defines.SRGB_TRANSFER="");let N=h0[v];N&&(h.defines[N]=""),h.needsUpdate=!0}h.uniforms.tDiffuse.value=x.texture,w.setRenderTarget(y),w.render(d,m),y=null,f=!1},this.isCompositing=function(){return f},this.dispose=function(){a.dispose(),o!==null&&o.dispose(),c!==null&&c.dispose(),u.dispose(),h.dispose()}}var lf=new cn,cf=new gi(1,1),uf=new Rr(1),hf=new _e,df=new Ja,ff=new Ar,kd=[],Hd=[],Vd=new Float32Array(16),Gd=new Float32Array(9),$d=new Float32Array(4);function Vs(i,t,e){let n=i[0];if(n<=0||n>0)return i;let s=t*e,r=kd[s];if(r===void 0&&(r=new Float32Array(s),kd[s]=r),t!==0){n.toArray(r,0);for(let a=1,o=0;a!==t;++a)o+=e,i[a].toArray(r,o)}return r}function Ie(i,t){if(i.length!==t.length)return!1;for(let e=0,n=i.length;e<n;e++)if(i[e]!==t[e])return!1;return!0}function Pe(i,t){for(let e=0,n=t.length;e<n;e++)i[e]=t[e]}function nl(i,t){let e=Hd[t];e===void 0&&(e=new Int32Array(t),Hd[t]=e);for(let n=0;n!==t;++n)e[n]=i.allocateTextureUnit();return e}function f0(i,t){let e=this.cache;e[0]!==t&&(i.uniform1f(this.addr,t),e[0]=t)}function p0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y)&&(i.uniform2f(this.addr,t.x,t.y),e[0]=t.x,e[1]=t.y);else{if(Ie(e,t))return;i.uniform2fv(this.addr,t),Pe(e,t)}}function m0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y||e[2]!==t.z)&&(i.uniform3f(this.addr,t.x,t.y,t.z),e[0]=t.x,e[1]=t.y,e[2]=t.z);else if(t.r!==void 0)(e[0]!==t.r||e[1]!==t.g||e[2]!==t.b)&&(i.uniform3f(this.addr,t.r,t.g,t.b),e[0]=t.r,e[1]=t.g,e[2]=t.b);else{if(Ie(e,t))return;i.uniform3fv(this.addr,t),Pe(e,t)}}function g0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y||e[2]!==t.z||e[3]!==t.w)&&(i.uniform4f(this.addr,t.x,t.y,t.z,t.w),e[0]=t.x,e[1]=t.y,e[2]=t.z,e[3]=t.w);else{if(Ie(e,t))return;i.uniform4fv(this.addr,t),Pe(e,t)}}function x0(i,t){let e=this.cache,n=t.elements;if(n===void 0){if(Ie(e,t))return;i.uniformMatrix2fv(this.addr,!1,t),Pe(e,t)}else{if(Ie(e,n))return;$d.set(n),i.uniformMatrix2fv(this.addr,!1,$d),Pe(e,n)}}function y0(i,t){let e=this.cache,n=t.elements;if(n===void 0){if(Ie(e,t))return;i.uniformMatrix3fv(this.addr,!1,t),Pe(e,t)}else{if(Ie(e,n))return;Gd.set(n),i.uniformMatrix3fv(this.addr,!1,Gd),Pe(e,n)}}function v0(i,t){let e=this.cache,n=t.elements;if(n===void 0){if(Ie(e,t))return;i.uniformMatrix4fv(this.addr,!1,t),Pe(e,t)}else{if(Ie(e,n))return;Vd.set(n),i.uniformMatrix4fv(this.addr,!1,Vd),Pe(e,n)}}function _0(i,t){let e=this.cache;e[0]!==t&&(i.uniform1i(this.addr,t),e[0]=t)}function S0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y)&&(i.uniform2i(this.addr,t.x,t.y),e[0]=t.x,e[1]=t.y);else{if(Ie(e,t))return;i.uniform2iv(this.addr,t),Pe(e,t)}}function b0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y||e[2]!==t.z)&&(i.uniform3i(this.addr,t.x,t.y,t.z),e[0]=t.x,e[1]=t.y,e[2]=t.z);else{if(Ie(e,t))return;i.uniform3iv(this.addr,t),Pe(e,t)}}function M0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y||e[2]!==t.z||e[3]!==t.w)&&(i.uniform4i(this.addr,t.x,t.y,t.z,t.w),e[0]=t.x,e[1]=t.y,e[2]=t.z,e[3]=t.w);else{if(Ie(e,t))return;i.uniform4iv(this.addr,t),Pe(e,t)}}function w0(i,t){let e=this.cache;e[0]!==t&&(i.uniform1ui(this.addr,t),e[0]=t)}function T0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y)&&(i.uniform2ui(this.addr,t.x,t.y),e[0]=t.x,e[1]=t.y);else{if(Ie(e,t))return;i.uniform2uiv(this.addr,t),Pe(e,t)}}function E0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y||e[2]!==t.z)&&(i.uniform3ui(this.addr,t.x,t.y,t.z),e[0]=t.x,e[1]=t.y,e[2]=t.z);else{if(Ie(e,t))return;i.uniform3uiv(this.addr,t),Pe(e,t)}}function A0(i,t){let e=this.cache;if(t.x!==void 0)(e[0]!==t.x||e[1]!==t.y||e[2]!==t.z||e[3]!==t.w)&&(i.uniform4ui(this.addr,t.x,t.y,t.z,t.w),e[0]=t.x,e[1]=t.y,e[2]=t.z,e[3]=t.w);else{if(Ie(e,t))return;i.uniform4uiv(this.addr,t),Pe(e,t)}}function il(i){return i.version===0&&(i.compareFunction=Cc,i.needsUpdate=!0),i}function R0(i,t,e){let n=this.cache,s=e.allocateTextureUnit();n[0]!==s&&(i.uniform1i(this.addr,s),n[0]=s);let r;this.type===i.SAMPLER_2D_SHADOW?r=il(cf):r=lf,e.setTexture2D(t||r,s)}function C0(i,t,e){let n=this.cache,s=e.allocateTextureUnit();n[0]!==s&&(i.uniform1i(this.addr,s),n[0]=s),e.setTexture3D(t||df,s)}function I0(i,t,e){let n=this.cache,s=e.allocateTextureUnit();n[0]!==s&&(i.uniform1i(this.addr,s),n[0]=s);let r;this.type===i.SAMPLER_CUBE_SHADOW?r=il(uf):r=ff,e.setTextureCube(t||r,s)}function P0(i,t,e){let n=this.cache,s=e.allocateTextureUnit();n[0]!==s&&(i.uniform1i(this.addr,s),n[0]=s),e.setTexture2DArray(t||hf,s)}function D0(i){switch(i){case 5126:return f0;case 35664:return p0;case 35665:return m0;case 35666:return g0;case 35674:return x0;case 35675:return y0;case 35676:return v0;case 5124:case 35670:return _0;case 35667:case 35671:return S0;case 35668:case 35672:return b0;case 35669:case 35673:return M0;case 5125:return w0;case 36294:return T0;case 36295:return E0;case 36296:return A0;case 35678:case 36198:case 36298:case 36306:case 35682:return R0;case 35679:case 36299:case 36307:return C0;case 35680:case 36300:case 36308:case 36293:return I0;case 36289:case 36303:case 36311:case 36292:return P0}}function L0(i,t){i.uniform1fv(this.addr,t)}function F0(i,t){let e=Vs(t,this.size,2);i.uniform2fv(this.addr,e)}function N0(i,t){let e=Vs(t,this.size,3);i.uniform3fv(this.addr,e)}function U0(i,t){let e=Vs(t,this.size,4);i.uniform4fv(this.addr,e)}function O0(i,t){let e=Vs(t,this.size,4);i.uniformMatrix2fv(this.addr,!1,e)}function z0(i,t){let e=Vs(t,this.size,9);i.uniformMatrix3fv(this.addr,!1,e)}function B0(i,t){let e=Vs(t,this.size,16);i.uniformMatrix4fv(this.addr,!1,e)}function k0(i,t){i.uniform1iv(this.addr,t)}function H0(i,t){i.uniform2iv(this.addr,t)}function V0(i,t){i.uniform3iv(this.addr,t)}function G0(i,t){i.uniform4iv(this.addr,t)}function $0(i,t){i.uniform1uiv(this.addr,t)}function W0(i,t){i.uniform2uiv(this.addr,t)}function q0(i,t){i.uniform3uiv(this.addr,t)}function X0(i,t){i.uniform4uiv(this.addr,t)}function Y0(i,t,e){let n=this.cache,s=t.length,r=nl(e,s);Ie(n,r)||(i.uniform1iv(this.addr,r),Pe(n,r));let a;this.type===i.SAMPLER_2D_SHADOW?a=il(cf):a=lf;for(let o=0;o!==s;++o)e.setTexture2D(t[o]||a,r[o])}function K0(i,t,e){let n=this.cache,s=t.length,r=nl(e,s);Ie(n,r)||(i.uniform1iv(this.addr,r),Pe(n,r));for(let a=0;a!==s;++a)e.setTexture3D(t[a]||df,r[a])}function Z0(i,t,e){let n=this.cache,s=t.length,r=nl(e,s);Ie(n,r)||(i.uniform1iv(this.addr,r),Pe(n,r));let a;this.type===i.SAMPLER_CUBE_SHADOW?a=il(uf):a=ff;for(let o=0;o!==s;++o)e.setTextureCube(t[o]||a,r[o])}function Q0(i,t,e){let n=this.cache,s=t.length,r=nl(e,s);Ie(n,r)||(i.uniform1iv(this.addr,r),Pe(n,r));for(let a=0;a!==s;++a)e.setTexture2DArray(t[a]||hf,r[a])}function J0(i){switch(i){case 5126:return L0;case 35664:return F0;case 35665:return N0;case 35666:return U0;case 35674:return O0;case 35675:return z0;case 35676:return B0;case 5124:case 35670:return k0;case 35667:case 35671:return H0;case 35668:case 35672:return V0;case 35669:case 35673:return G0;case 5125:return $0;case 36294:return W0;case 36295:return q0;case 36296:return X0;case 35678:case 36198:case 36298:case 36306:case 35682:return Y0;case 35679:case 36299:case 36307:return K0;case 35680:case 36300:case 36308:case 36293:return Z0;case 36289:case 36303:case 36311:case 36292:return Q0}}var zc=class{constructor(t,e,n){this.id=t,this.addr=n,this.cache=[],this.type=e.type,this.setValue=D0(e.type)}},Bc=class{constructor(t,e,n){this.id=t,this.addr=n,this.cache=[],this.type=e.type,this.size=e.size,this.setValue=J0(e.type)}},kc=class{constructor(t){this.id=t,this.seq=[],this.map={}}setValue(t,e,n){let s=this.seq;for(let r=0,a=s.length;r!==a;++r){let o=s[r];o.setValue(t,e[o.id],n)}}},Uc=/(\w+)(\])?(\[|\.)?/g;function Wd(i,t){i.seq.push(t),i.map[t.id]=t}function j0(i,t,e){let n=i.name,s=n.length;for(Uc.lastIndex=0;;){let r=Uc.exec(n),a=Uc.lastIndex,o=r[1],c=r[2]==="]",l=r[3];if(c&&(o=o|0),l===void 0||l==="["&&a+2===s){Wd(e,l===void 0?new zc(o,i,t):new Bc(o,i,t));break}else{let h=e.map[o];h===void 0&&(h=new kc(o),Wd(e,h)),e=h}}}var ks=class{constructor(t,e){this.seq=[],this.map={};let n=t.getProgramParameter(e,t.ACTIVE_UNIFORMS);for(let a=0;a<n;++a){let o=t.getActiveUniform(e,a),c=t.getUniformLocation(e,o.name);j0(o,c,this)}let s=[],r=[];for(let a of this.seq)a.type===t.SAMPLER_2D_SHADOW||a.type===t.SAMPLER_CUBE_SHADOW||a.type===t.SAMPLER_2D_ARRAY_SHADOW?s.push(a):r.push(a);s.length>0&&(this.seq=s.concat(r))}setValue(t,e,n,s){let r=this.map[e];r!==void 0&&r.setValue(t,n,s)}setOptional(t,e,n){let s=e[n];s!==void 0&&this.setValue(t,n,s)}static upload(t,e,n,s){for(let r=0,a=e.length;r!==a;++r){let o=e[r],c=n[o.id];c.needsUpdate!==!1&&o.setValue(t,c.value,s)}}static seqWithValue(t,e){let n=[];for(let s=0,r=t.length;s!==r;++s){let a=t[s];a.id in e&&n.push(a)}return n}};function qd(i,t,e){let n=i.createShader(t);return i.shaderSource(n,e),i.compileShader(n),n}var ty=37297,ey=0;function ny(i,t){let e=i.split(`
`),n=[],s=Math.max(t-6,0),r=Math.min(t+6,e.length);for(let a=s;a<r;a++){let o=a+1;n.push(`${o===t?">":" "} ${o}: ${e[a]}`)}return n.join(`
`)}var Xd=new It;function iy(i){qt._getMatrix(Xd,qt.workingColorSpace,i);let t=`mat3( ${Xd.elements.map(e=>e.toFixed(4))} )`;switch(qt.getTransfer(i)){case _r:return[t,"LinearTransferOETF"];case ae:return[t,"sRGBTransferOETF"];default:return Dt("WebGLProgram: Unsupported color space: ",i),[t,"LinearTransferOETF"]}}function Yd(i,t,e){let n=i.getShaderParameter(t,i.COMPILE_STATUS),r=(i.getShaderInfoLog(t)||"").trim();if(n&&r==="")return"";let a=/ERROR: 0:(\d+)/.exec(r);if(a){let o=parseInt(a[1]);return e.toUpperCase()+`

`+r+`

`+ny(i.getShaderSource(t),o)}else return r}function sy(i,t){let e=iy(t);return[`vec4 ${i}( vec4 value ) {`,`	return ${e[1]}( vec4( ${e[0]} * value.rgb, value.a ) );`,"}"].join(`
`)}var ry={[hc]:"Linear",[dc]:"Reinhard",[fc]:"Cineon",[pc]:"ACESFilmic",[gc]:"AgX",[xc]:"Neutral",[mc]:"Custom"};function ay(i,t){let e=ry[t];return e===void 0?(Dt("WebGLProgram: Unsupported toneMapping:",t),"vec3 "+i+"( vec3 color ) { return LinearToneMapping( color ); }"):"vec3 "+i+"( vec3 color ) { return "+e+"ToneMapping( color ); }"}var tl=new C;function oy(){qt.getLuminanceCoefficients(tl);let i=tl.x.toFixed(4),t=tl.y.toFixed(4),e=tl.z.toFixed(4);return["float luminance( const in vec3 rgb ) {",`	const vec3 weights = vec3( ${i}, ${t}, ${e} );`,"	return dot( weights, rgb );","}"].join(`
`)}function ly(i){return[i.extensionClipCullDistance?"#extension GL_ANGLE_clip_cull_distance : require":"",i.extensionMultiDraw?"#extension GL_ANGLE_multi_draw : require":""].filter(qr).join(`
`)}function cy(i){let t=[];for(let e in i){let n=i[e];n!==!1&&t.push("#define "+e+" "+n)}return t.join(`
`)}function uy(i,t){let e={},n=i.getProgramParameter(t,i.ACTIVE_ATTRIBUTES);for(let s=0;s<n;s++){let r=i.getActiveAttrib(t,s),a=r.name,o=1;r.type===i.FLOAT_MAT2&&(o=2),r.type===i.FLOAT_MAT3&&(o=3),r.type===i.FLOAT_MAT4&&(o=4),e[a]={type:r.type,location:i.getAttribLocation(t,a),locationSize:o}}return e}function qr(i){return i!==""}function Kd(i,t){let e=t.numSpotLightShadows+t.numSpotLightMaps-t.numSpotLightShadowsWithMaps;return i.replace(/NUM_SUN_LIGHTS/g,t.numSunLights).replace(/NUM_DIR_LIGHTS/g,t.numDirLights).replace(/NUM_SPOT_LIGHTS/g,t.numSpotLights).replace(/NUM_SPOT_LIGHT_MAPS/g,t.numSpotLightMaps).replace(/NUM_SPOT_LIGHT_COORDS/g,e).replace(/NUM_RECT_AREA_LIGHTS/g,t.numRectAreaLights).replace(/NUM_POINT_LIGHTS/g,t.numPointLights).replace(/NUM_HEMI_LIGHTS/g,t.numHemiLights).replace(/NUM_SUN_LIGHT_SHADOWS/g,t.numSunLightShadows).replace(/NUM_DIR_LIGHT_SHADOWS/g,t.numDirLightShadows).replace(/NUM_SPOT_LIGHT_SHADOWS_WITH_MAPS/g,t.numSpotLightShadowsWithMaps).replace(/NUM_SPOT_LIGHT_SHADOWS/g,t.numSpotLightShadows).replace(/NUM_POINT_LIGHT_SHADOWS/g,t.numPointLightShadows).replace(/NUM_LIGHT_PROBE_GRIDS/g,t.numLightProbeGrids)}function Zd(i,t){return i.replace(/NUM_CLIPPING_PLANES/g,t.numClippingPlanes).replace(/UNION_CLIPPING_PLANES/g,t.numClippingPlanes-t.numClipIntersection)}var hy=/^[ \t]*#include +<([\w\d./]+)>/gm;function Hc(i){return i.replace(hy,dy)}function dy(i,t){let e=Bt[t];if(e===void 0)throw new Error("THREE.WebGLProgram: Can not resolve #include <"+t+">");return Hc(e)}var fy=/#pragma unroll_loop_start\s+for\s*\(\s*int\s+i\s*=\s*(\d+)\s*;\s*i\s*<\s*(\d+)\s*;\s*i\s*\+\+\s*\)\s*{([\s\S]+?)}\s+#pragma unroll_loop_end/g;function Qd(i){return i.replace(fy,py)}function py(i,t,e,n){let s="";for(let r=parseInt(t);r<parseInt(e);r++)s+=n.replace(/\[\s*i\s*\]/g,"[ "+r+" ]").replace(/UNROLLED_LOOP_INDEX/g,r);return s}function Jd(i){let t=`precision ${i.precision} float;
	precision ${i.precision} int;
	precision ${i.precision} sampler2D;
	precision ${i.precision} samplerCube;
	precision ${i.precision} sampler3D;
	precision ${i.precision} sampler2DArray;
	precision ${i.precision} sampler2DShadow;
	precision ${i.precision} samplerCubeShadow;
	precision ${i.precision} sampler2DArrayShadow;
	precision ${i.precision} isampler2D;
	precision ${i.precision} isampler3D;
	precision ${i.precision} isamplerCube;
	precision ${i.precision} isampler2DArray;
	precision ${i.precision} usampler2D;
	precision ${i.precision} usampler3D;
	precision ${i.precision} usamplerCube;
	precision ${i.precision} usampler2DArray;
	`;return i.precision==="highp"?t+=`
#define HIGH_PRECISION`:i.precision==="mediump"?t+=`
#define MEDIUM_PRECISION`:i.precision==="lowp"&&(t+=`
#define LOW_PRECISION`),t}var my={[Ur]:"SHADOWMAP_TYPE_PCF",[Us]:"SHADOWMAP_TYPE_VSM"};function gy(i){return my[i.shadowMapType]||"SHADOWMAP_TYPE_BASIC"}var xy={[zs]:"ENVMAP_MODE_REFRACTION"};function yy(i){return i.envMap===!1?"ENVMAP_MODE_REFLECTION":xy[i.envMapMode]||"ENVMAP_MODE_REFLECTION"}var vy={[uc]:"ENVMAP_BLENDING_MULTIPLY",[md]:"ENVMAP_BLENDING_MIX",[gd]:"ENVMAP_BLENDING_ADD"};function _y(i){return i.envMap===!1?"ENVMAP_BLENDING_NONE":vy[i.combine]||"ENVMAP_BLENDING_NONE"}function Sy(i,t,e,n){let s=i.getContext(),r=e.defines,a=e.vertexShader,o=e.fragmentShader,c=gy(e),l=e.envMapPMREM===!0?"ENVMAP_TYPE_PMREM":"ENVMAP_TYPE_CUBE",u=yy(e),h=_y(e),d=ly(e),m=cy(r),g=s.createProgram(),v,f,p=e.glslVersion?"#version "+e.glslVersion+`
`:"";e.isRawShaderMaterial?(v=["#define SHADER_TYPE "+e.shaderType,"#define SHADER_NAME "+e.shaderName,m].filter(qr).join(`
`),v.length>0&&(v+=`
`),f=["#define SHADER_TYPE "+e.shaderType,"#define SHADER_NAME "+e.shaderName,m].filter(qr).join(`
`),f.length>0&&(f+=`
`)):(v=[Jd(e),"#define SHADER_TYPE "+e.shaderType,"#define SHADER_NAME "+e.shaderName,m,e.extensionClipCullDistance?"#define USE_CLIP_DISTANCE":"",e.batching?"#define USE_BATCHING":"",e.batchingColor?"#define USE_BATCHING_COLOR":"",e.instancing?"#define USE_INSTANCING":"",e.instancingColor?"#define USE_INSTANCING_COLOR":"",e.instancingMorph?"#define USE_INSTANCING_MORPH":"",e.useFog&&e.fog?"#define USE_FOG":"",e.useFog&&e.fogExp2?"#define FOG_EXP2":"",e.map?"#define USE_MAP":"",e.envMap?"#define USE_ENVMAP":"",e.envMap?"#define "+u:"",e.lightMap?"#define USE_LIGHTMAP":"",e.aoMap?"#define USE_AOMAP":"",e.bumpMap?"#define USE_BUMPMAP":"",e.normalMap?"#define USE_NORMALMAP":"",e.normalMapObjectSpace?"#define USE_NORMALMAP_OBJECTSPACE":"",e.normalMapTangentSpace?"#define USE_NORMALMAP_TANGENTSPACE":"",e.displacementMap?"#define USE_DISPLACEMENTMAP":"",e.emissiveMap?"#define USE_EMISSIVEMAP":"",e.anisotropy?"#define USE_ANISOTROPY":"",e.anisotropyMap?"#define USE_ANISOTROPYMAP":"",e.clearcoatMap?"#define USE_CLEARCOATMAP":"",e.clearcoatRoughnessMap?"#define USE_CLEARCOAT_ROUGHNESSMAP":"",e.clearcoatNormalMap?"#define USE_CLEARCOAT_NORMALMAP":"",e.diffuseRoughnessMap?"#define USE_DIFFUSE_ROUGHNESSMAP":"",e.iridescenceMap?"#define USE_IRIDESCENCEMAP":"",e.iridescenceThicknessMap?"#define USE_IRIDESCENCE_THICKNESSMAP":"",e.specularMap?"#define USE_SPECULARMAP":"",e.specularColorMap?"#define USE_SPECULAR_COLORMAP":"",e.specularIntensityMap?"#define USE_SPECULAR_INTENSITYMAP":"",e.roughnessMap?"#define USE_ROUGHNESSMAP":"",e.metalnessMap?"#define USE_METALNESSMAP":"",e.alphaMap?"#define USE_ALPHAMAP":"",e.alphaHash?"#define USE_ALPHAHASH":"",e.transmission?"#define USE_TRANSMISSION":"",e.transmissionMap?"#define USE_TRANSMISSIONMAP":"",e.thicknessMap?"#define USE_THICKNESSMAP":"",e.sheenColorMap?"#define USE_SHEEN_COLORMAP":"",e.sheenRoughnessMap?"#define USE_SHEEN_ROUGHNESSMAP":"",e.mapUv?"#define MAP_UV "+e.mapUv:"",e.alphaMapUv?"#define ALPHAMAP_UV "+e.alphaMapUv:"",e.lightMapUv?"#define LIGHTMAP_UV "+e.lightMapUv:"",e.aoMapUv?"#define AOMAP_UV "+e.aoMapUv:"",e.emissiveMapUv?"#define EMISSIVEMAP_UV "+e.emissiveMapUv:"",e.bumpMapUv?"#define BUMPMAP_UV "+e.bumpMapUv:"",e.normalMapUv?"#define NORMALMAP_UV "+e.normalMapUv:"",e.displacementMapUv?"#define DISPLACEMENTMAP_UV "+e.displacementMapUv:"",e.metalnessMapUv?"#define METALNESSMAP_UV "+e.metalnessMapUv:"",e.roughnessMapUv?"#define ROUGHNESSMAP_UV "+e.roughnessMapUv:"",e.anisotropyMapUv?"#define ANISOTROPYMAP_UV "+e.anisotropyMapUv:"",e.clearcoatMapUv?"#define CLEARCOATMAP_UV "+e.clearcoatMapUv:"",e.clearcoatNormalMapUv?"#define CLEARCOAT_NORMALMAP_UV "+e.clearcoatNormalMapUv:"",e.clearcoatRoughnessMapUv?"#define CLEARCOAT_ROUGHNESSMAP_UV "+e.clearcoatRoughnessMapUv:"",e.diffuseRoughnessMapUv?"#define DIFFUSE_ROUGHNESSMAP_UV "+e.diffuseRoughnessMapUv:"",e.iridescenceMapUv?"#define IRIDESCENCEMAP_UV "+e.iridescenceMapUv:"",e.iridescenceThicknessMapUv?"#define IRIDESCENCE_THICKNESSMAP_UV "+e.iridescenceThicknessMapUv:"",e.sheenColorMapUv?"#define SHEEN_COLORMAP_UV "+e.sheenColorMapUv:"",e.sheenRoughnessMapUv?"#define SHEEN_ROUGHNESSMAP_UV "+e.sheenRoughnessMapUv:"",e.specularMapUv?"#define SPECULARMAP_UV "+e.specularMapUv:"",e.specularColorMapUv?"#define SPECULAR_COLORMAP_UV "+e.specularColorMapUv:"",e.specularIntensityMapUv?"#define SPECULAR_INTENSITYMAP_UV "+e.specularIntensityMapUv:"",e.transmissionMapUv?"#define TRANSMISSIONMAP_UV "+e.transmissionMapUv:"",e.thicknessMapUv?"#define THICKNESSMAP_UV "+e.thicknessMapUv:"",e.vertexTangents&&e.flatShading===!1?"#define USE_TANGENT":"",e.vertexNormals?"#define HAS_NORMAL":"",e.vertexColors?"#define USE_COLOR":"",e.vertexAlphas?"#define USE_COLOR_ALPHA":"",e.vertexUv1s?"#define USE_UV1":"",e.vertexUv2s?"#define USE_UV2":"",e.vertexUv3s?"#define USE_UV3":"",e.pointsUvs?"#define USE_POINTS_UV":"",e.flatShading?"#define FLAT_SHADED":"",e.skinning?"#define USE_SKINNING":"",e.morphTargets?"#define USE_MORPHTARGETS":"",e.morphNormals&&e.flatShading===!1?"#define USE_MORPHNORMALS":"",e.morphColors?"#define USE_MORPHCOLORS":"",e.morphTargetsCount>0?"#define MORPHTARGETS_TEXTURE_STRIDE "+e.morphTextureStride:"",e.morphTargetsCount>0?"#define MORPHTARGETS_COUNT "+e.morphTargetsCount:"",e.doubleSided?"#define DOUBLE_SIDED":"",e.flipSided?"#define FLIP_SIDED":"",e.shadowMapEnabled?"#define USE_SHADOWMAP":"",e.shadowMapEnabled?"#define "+c:"",e.sizeAttenuation?"#define USE_SIZEATTENUATION":"",e.numLightProbes>0?"#define USE_LIGHT_PROBES":"",e.logarithmicDepthBuffer?"#define USE_LOGARITHMIC_DEPTH_BUFFER":"",e.reversedDepthBuffer?"#define USE_REVERSED_DEPTH_BUFFER":"","uniform mat4 modelMatrix;","uniform mat4 modelViewMatrix;","uniform mat4 projectionMatrix;","uniform mat4 viewMatrix;","uniform mat3 normalMatrix;","uniform vec3 cameraPosition;","uniform bool isOrthographic;","#ifdef USE_INSTANCING","	attribute mat4 instanceMatrix;","#endif","#ifdef USE_INSTANCING_COLOR","	attribute vec3 instanceColor;","#endif","#ifdef USE_INSTANCING_MORPH","	uniform sampler2D morphTexture;","#endif","attribute vec3 position;","attribute vec3 normal;","attribute vec2 uv;","#ifdef USE_UV1","	attribute vec2 uv1;","#endif","#ifdef USE_UV2","	attribute vec2 uv2;","#endif","#ifdef USE_UV3","	attribute vec2 uv3;","#endif","#ifdef USE_TANGENT","	attribute vec4 tangent;","#endif","#if defined( USE_COLOR_ALPHA )","	attribute vec4 color;","#elif defined( USE_COLOR )","	attribute vec3 color;","#endif","#ifdef USE_SKINNING","	attribute vec4 skinIndex;","	attribute vec4 skinWeight;","#endif",`
`].filter(qr).join(`
`),f=[Jd(e),"#define SHADER_TYPE "+e.shaderType,"#define SHADER_NAME "+e.shaderName,m,e.useFog&&e.fog?"#define USE_FOG":"",e.useFog&&e.fogExp2?"#define FOG_EXP2":"",e.alphaToCoverage?"#define ALPHA_TO_COVERAGE":"",e.map?"#define USE_MAP":"",e.matcap?"#define USE_MATCAP":"",e.envMap?"#define USE_ENVMAP":"",e.envMap?"#define "+l:"",e.envMap?"#define "+u:"",e.envMap?"#define "+h:"",e.envMapPMREM?"#define ENVMAP_MAX_LOD "+e.envMapMaxLod+".0":"",e.envMapPMREM?"#define ENVMAP_SIZE "+e.envMapSize+".0":"",e.lightMap?"#define USE_LIGHTMAP":"",e.aoMap?"#define USE_AOMAP":"",e.bumpMap?"#define USE_BUMPMAP":"",e.normalMap?"#define USE_NORMALMAP":"",e.normalMapObjectSpace?"#define USE_NORMALMAP_OBJECTSPACE":"",e.normalMapTangentSpace?"#define USE_NORMALMAP_TANGENTSPACE":"",e.packedNormalMap?"#define USE_PACKED_NORMALMAP":"",e.emissiveMap?"#define USE_EMISSIVEMAP":"",e.anisotropy?"#define USE_ANISOTROPY":"",e.anisotropyMap?"#define USE_ANISOTROPYMAP":"",e.clearcoat?"#define USE_CLEARCOAT":"",e.clearcoatMap?"#define USE_CLEARCOATMAP":"",e.clearcoatRoughnessMap?"#define USE_CLEARCOAT_ROUGHNESSMAP":"",e.clearcoatNormalMap?"#define USE_CLEARCOAT_NORMALMAP":"",e.diffuseRoughness?"#define USE_DIFFUSE_ROUGHNESS":"",e.diffuseRoughnessMap?"#define USE_DIFFUSE_ROUGHNESSMAP":"",e.dispersion?"#define USE_DISPERSION":"",e.retroreflection?"#define USE_RETROREFLECTION":"",e.iridescence?"#define USE_IRIDESCENCE":"",e.iridescenceMap?"#define USE_IRIDESCENCEMAP":"",e.iridescenceThicknessMap?"#define USE_IRIDESCENCE_THICKNESSMAP":"",e.specularMap?"#define USE_SPECULARMAP":"",e.specularColorMap?"#define USE_SPECULAR_COLORMAP":"",e.specularIntensityMap?"#define USE_SPECULAR_INTENSITYMAP":"",e.roughnessMap?"#define USE_ROUGHNESSMAP":"",e.metalnessMap?"#define USE_METALNESSMAP":"",e.alphaMap?"#define USE_ALPHAMAP":"",e.alphaTest?"#define USE_ALPHATEST":"",e.alphaHash?"#define USE_ALPHAHASH":"",e.sheen?"#define USE_SHEEN":"",e.sheenColorMap?"#define USE_SHEEN_COLORMAP":"",e.sheenRoughnessMap?"#define USE_SHEEN_ROUGHNESSMAP":"",e.transmission?"#define USE_TRANSMISSION":"",e.transmissionMap?"#define USE_TRANSMISSIONMAP":"",e.thicknessMap?"#define USE_THICKNESSMAP":"",e.vertexTangents&&e.flatShading===!1?"#define USE_TANGENT":"",e.vertexColors||e.instancingColor?"#define USE_COLOR":"",e.vertexAlphas||e.batchingColor?"#define USE_COLOR_ALPHA":"",e.vertexUv1s?"#define USE_UV1":"",e.vertexUv2s?"#define USE_UV2":"",e.vertexUv3s?"#define USE_UV3":"",e.pointsUvs?"#define USE_POINTS_UV":"",e.gradientMap?"#define USE_GRADIENTMAP":"",e.flatShading?"#define FLAT_SHADED":"",e.doubleSided?"#define DOUBLE_SIDED":"",e.flipSided?"#define FLIP_SIDED":"",e.shadowMapEnabled?"#define USE_SHADOWMAP":"",e.shadowMapEnabled?"#define "+c:"",e.premultipliedAlpha?"#define PREMULTIPLIED_ALPHA":"",e.numLightProbes>0?"#define USE_LIGHT_PROBES":"",e.decodeVideoTexture?"#define DECODE_VIDEO_TEXTURE":"",e.decodeVideoTextureEmissive?"#define DECODE_VIDEO_TEXTURE_EMISSIVE":"",e.logarithmicDepthBuffer?"#define USE_LOGARITHMIC_DEPTH_BUFFER":"",e.reversedDepthBuffer?"#define USE_REVERSED_DEPTH_BUFFER":"","uniform mat4 viewMatrix;","uniform vec3 cameraPosition;","uniform bool isOrthographic;",e.toneMapping!==jn?"#define TONE_MAPPING":"",e.toneMapping!==jn?Bt.tonemapping_pars_fragment:"",e.toneMapping!==jn?ay("toneMapping",e.toneMapping):"",e.dithering?"#define DITHERING":"",e.opaque?"#define OPAQUE":"",Bt.colorspace_pars_fragment,sy("linearToOutputTexel",e.outputColorSpace),oy(),e.useDepthPacking?"#define DEPTH_PACKING "+e.depthPacking:"",`
`].filter(qr).join(`
`)),a=Hc(a),a=Kd(a,e),a=Zd(a,e),o=Hc(o),o=Kd(o,e),o=Zd(o,e),a=Qd(a),o=Qd(o),e.isRawShaderMaterial!==!0&&(p=`#version 300 es
`,v=[d,"#define attribute in","#define varying out","#define texture2D texture"].join(`
`)+`
`+v,f=["#define varying in",e.glslVersion===Bs?"":"layout(location = 0) out highp vec4 pc_fragColor;",e.glslVersion===Bs?"":"#define gl_FragColor pc_fragColor","#define gl_FragDepthEXT gl_FragDepth","#define texture2D texture","#define textureCube texture","#define texture2DProj textureProj","#define texture2DLodEXT textureLod","#define texture2DProjLodEXT textureProjLod","#define textureCubeLodEXT textureLod","#define texture2DGradEXT textureGrad","#define texture2DProjGradEXT textureProjGrad","#define textureCubeGradEXT textureGrad"].join(`
`)+`
`+f);let y=p+v+a,M=p+f+o,b=qd(s,s.VERTEX_SHADER,y),w=qd(s,s.FRAGMENT_SHADER,M);s.attachShader(g,b),s.attachShader(g,w),e.index0AttributeName!==void 0?s.bindAttribLocation(g,0,e.index0AttributeName):e.hasPositionAttribute===!0&&s.bindAttribLocation(g,0,"position"),s.linkProgram(g);function E(P){if(i.debug.checkShaderErrors){let D=s.getProgramInfoLog(g)||"",U=s.getShaderInfoLog(b)||"",$=s.getShaderInfoLog(w)||"",I=D.trim(),G=U.trim(),q=$.trim(),k=!0,tt=!0;if(s.getProgramParameter(g,s.LINK_STATUS)===!1)if(k=!1,typeof i.debug.onShaderError=="function")i.debug.onShaderError(s,g,b,w);else{let H=Yd(s,b,"vertex"),Q=Yd(s,w,"fragment");Lt("WebGLProgram: Shader Error "+s.getError()+" - VALIDATE_STATUS "+s.getProgramParameter(g,s.VALIDATE_STATUS)+`

Material Name: `+P.name+`
Material Type: `+P.type+`

Program Info Log: `+I+`
`+H+`
`+Q)}else I!==""?Dt("WebGLProgram: Program Info Log:",I):(G===""||q==="")&&(tt=!1);tt&&(P.diagnostics={runnable:k,programLog:I,vertexShader:{log:G,prefix:v},fragmentShader:{log:q,prefix:f}})}s.deleteShader(b),s.deleteShader(w),x=new ks(s,g),T=uy(s,g)}let x;this.getUniforms=function(){return x===void 0&&E(this),x};let T;this.getAttributes=function(){return T===void 0&&E(this),T};let N=e.rendererExtensionParallelShaderCompile===!1;return this.isReady=function(){return N===!1&&(N=s.getProgramParameter(g,ty)),N},this.destroy=function(){n.releaseStatesOfProgram(this),s.deleteProgram(g),this.program=void 0},this.type=e.shaderType,this.name=e.shaderName,this.id=ey++,this.cacheKey=t,this.usedTimes=1,this.program=g,this.vertexShader=b,this.fragmentShader=w,this}var by=0,Vc=class{constructor(){this.shaderCache=new Map,this.materialCache=new Map}update(t,e,n){let s=this._getShaderCacheForMaterial(t);return s.has(e)===!1&&(s.add(e),e.usedTimes++),s.has(n)===!1&&(s.add(n),n.usedTimes++),this}remove(t){let e=this.materialCache.get(t);for(let n of e)n.usedTimes--,n.usedTimes===0&&this.shaderCache.delete(n.code);return this.materialCache.delete(t),this}getVertexShaderStage(t){return this._getShaderStage(t.vertexShader)}getFragmentShaderStage(t){return this._getShaderStage(t.fragmentShader)}dispose(){this.shaderCache.clear(),this.materialCache.clear()}_getShaderCacheForMaterial(t){let e=this.materialCache,n=e.get(t);return n===void 0&&(n=new Set,e.set(t,n)),n}_getShaderStage(t){let e=this.shaderCache,n=e.get(t);return n===void 0&&(n=new Gc(t),e.set(t,n)),n}},Gc=class{constructor(t){this.id=by++,this.code=t,this.usedTimes=0}};function My(i){return i===Hi||i===Vr||i===Gr}function wy(i,t,e,n,s,r){let a=new Mr,o=new Vc,c=new Set,l=[],u=new Map,h=n.logarithmicDepthBuffer,d={MeshDepthMaterial:"depth",MeshDistanceMaterial:"distance",MeshNormalMaterial:"normal",MeshBasicMaterial:"basic",MeshLambertMaterial:"lambert",MeshPhongMaterial:"phong",MeshToonMaterial:"toon",MeshStandardMaterial:"physical",MeshPhysicalMaterial:"physical",MeshMatcapMaterial:"matcap",LineBasicMaterial:"basic",LineDashedMaterial:"dashed",PointsMaterial:"points",ShadowMaterial:"shadow",SpriteMaterial:"sprite"};function m(x){return c.add(x),x===0?"uv":`uv${x}`}function g(x,T,N,P,D,U){let $=P.fog,I=D.geometry,G=x.isMeshStandardMaterial||x.isMeshLambertMaterial||x.isMeshPhongMaterial?P.environment:null,q=x.isMeshStandardMaterial||x.isMeshLambertMaterial&&!x.envMap||x.isMeshPhongMaterial&&!x.envMap,k=t.get(x.envMap||G,q),tt=d[x.type],H=n.precision;x.precision!==null&&(H=n.getMaxPrecision(x.precision),H!==x.precision&&Dt("WebGLProgram.getParameters:",x.precision,"not supported, using",H,"instead."));let Q=I.morphAttributes.position||I.morphAttributes.normal||I.morphAttributes.color,j=Q!==void 0?Q.length:0,yt=0;I.morphAttributes.position!==void 0&&(yt=1),I.morphAttributes.normal!==void 0&&(yt=2),I.morphAttributes.color!==void 0&&(yt=3);let Tt,W,et,ht;if(tt){let mt=ni[tt];Tt=mt.vertexShader,W=mt.fragmentShader}else{Tt=x.vertexShader,W=x.fragmentShader;let mt=o.getVertexShaderStage(x),ce=o.getFragmentShaderStage(x);o.update(x,mt,ce),et=mt.id,ht=ce.id}let vt=i.getRenderTarget(),ot=i.state.buffers.depth.getReversed(),Ct=D.isInstancedMesh===!0,le=D.isBatchedMesh===!0,Et=!!x.map,Ft=!!x.matcap,$t=!!k,Xt=$t&&k.isPMREMTexture===!0,Ge=!!x.aoMap,Re=!!x.lightMap,ln=!!x.bumpMap&&x.wireframe===!1,Se=!!x.normalMap,Kn=!!x.displacementMap,Ue=!!x.emissiveMap,wn=!!x.metalnessMap,Tn=!!x.roughnessMap,En=x.anisotropy>0,F=x.clearcoat>0,An=x.diffuseRoughness>0,ye=x.dispersion>0,ve=x.retroreflectivity>0,pt=x.iridescence>0,Ce=x.sheen>0,Pt=x.transmission>0,Ut=En&&!!x.anisotropyMap,A=F&&!!x.clearcoatMap,_=F&&!!x.clearcoatNormalMap,z=F&&!!x.clearcoatRoughnessMap,nt=An&&!!x.diffuseRoughnessMap,J=pt&&!!x.iridescenceMap,rt=pt&&!!x.iridescenceThicknessMap,dt=Ce&&!!x.sheenColorMap,Y=Ce&&!!x.sheenRoughnessMap,K=!!x.specularMap,lt=!!x.specularColorMap,R=!!x.specularIntensityMap,Z=Pt&&!!x.transmissionMap,X=Pt&&!!x.thicknessMap,ct=!!x.gradientMap,st=!!x.alphaMap,at=x.alphaTest>0,At=!!x.alphaHash,Vt=!!x.extensions,it=jn;x.toneMapped&&(vt===null||vt.isXRRenderTarget===!0)&&(it=i.toneMapping);let Rt=Xt?k.isCompressedCubeTexture?k.image[0].mipmaps:k.mipmaps:null,kt={shaderID:tt,shaderType:x.type,shaderName:x.name,vertexShader:Tt,fragmentShader:W,defines:x.defines,customVertexShaderID:et,customFragmentShaderID:ht,isRawShaderMaterial:x.isRawShaderMaterial===!0,glslVersion:x.glslVersion,precision:H,batching:le,batchingColor:le&&D._colorsTexture!==null,instancing:Ct,instancingColor:Ct&&D.instanceColor!==null,instancingMorph:Ct&&D.morphTexture!==null,outputColorSpace:vt===null?i.outputColorSpace:vt.isXRRenderTarget===!0?vt.texture.colorSpace:qt.workingColorSpace,alphaToCoverage:!!x.alphaToCoverage,map:Et,matcap:Ft,envMap:$t,envMapMode:$t&&k.mapping,envMapPMREM:Xt,envMapMaxLod:Xt?Rt.length-1:null,envMapSize:Xt?Rt[0].width:null,aoMap:Ge,lightMap:Re,bumpMap:ln,normalMap:Se,displacementMap:Kn,emissiveMap:Ue,normalMapObjectSpace:Se&&x.normalMapType===vd,normalMapTangentSpace:Se&&x.normalMapType===Jo,packedNormalMap:Se&&x.normalMapType===Jo&&My(x.normalMap.format),metalnessMap:wn,roughnessMap:Tn,anisotropy:En,anisotropyMap:Ut,clearcoat:F,clearcoatMap:A,clearcoatNormalMap:_,clearcoatRoughnessMap:z,diffuseRoughness:An,diffuseRoughnessMap:nt,dispersion:ye,retroreflection:ve,iridescence:pt,iridescenceMap:J,iridescenceThicknessMap:rt,sheen:Ce,sheenColorMap:dt,sheenRoughnessMap:Y,specularMap:K,specularColorMap:lt,specularIntensityMap:R,transmission:Pt,transmissionMap:Z,thicknessMap:X,gradientMap:ct,opaque:x.transparent===!1&&x.blending===Os&&x.alphaToCoverage===!1,alphaMap:st,alphaTest:at,alphaHash:At,combine:x.combine,mapUv:Et&&m(x.map.channel),aoMapUv:Ge&&m(x.aoMap.channel),lightMapUv:Re&&m(x.lightMap.channel),bumpMapUv:ln&&m(x.bumpMap.channel),normalMapUv:Se&&m(x.normalMap.channel),displacementMapUv:Kn&&m(x.displacementMap.channel),emissiveMapUv:Ue&&m(x.emissiveMap.channel),metalnessMapUv:wn&&m(x.metalnessMap.channel),roughnessMapUv:Tn&&m(x.roughnessMap.channel),anisotropyMapUv:Ut&&m(x.anisotropyMap.channel),clearcoatMapUv:A&&m(x.clearcoatMap.channel),clearcoatNormalMapUv:_&&m(x.clearcoatNormalMap.channel),clearcoatRoughnessMapUv:z&&m(x.clearcoatRoughnessMap.channel),diffuseRoughnessMapUv:nt&&m(x.diffuseRoughnessMap.channel),iridescenceMapUv:J&&m(x.iridescenceMap.channel),iridescenceThicknessMapUv:rt&&m(x.iridescenceThicknessMap.channel),sheenColorMapUv:dt&&m(x.sheenColorMap.channel),sheenRoughnessMapUv:Y&&m(x.sheenRoughnessMap.channel),specularMapUv:K&&m(x.specularMap.channel),specularColorMapUv:lt&&m(x.specularColorMap.channel),specularIntensityMapUv:R&&m(x.specularIntensityMap.channel),transmissionMapUv:Z&&m(x.transmissionMap.channel),thicknessMapUv:X&&m(x.thicknessMap.channel),alphaMapUv:st&&m(x.alphaMap.channel),vertexTangents:!!I.attributes.tangent&&(Se||En),vertexNormals:!!I.attributes.normal,vertexColors:x.vertexColors,vertexAlphas:x.vertexColors===!0&&!!I.attributes.color&&I.attributes.color.itemSize===4,pointsUvs:D.isPoints===!0&&!!I.attributes.uv&&(Et||st),fog:!!$,useFog:x.fog===!0,fogExp2:!!$&&$.isFogExp2,flatShading:x.wireframe===!1&&(x.flatShading===!0||I.attributes.normal===void 0&&Se===!1&&(x.isMeshLambertMaterial||x.isMeshPhongMaterial||x.isMeshStandardMaterial||x.isMeshPhysicalMaterial)),sizeAttenuation:x.sizeAttenuation===!0,logarithmicDepthBuffer:h,reversedDepthBuffer:ot,skinning:D.isSkinnedMesh===!0,hasPositionAttribute:I.attributes.position!==void 0,morphTargets:I.morphAttributes.position!==void 0,morphNormals:I.morphAttributes.normal!==void 0,morphColors:I.morphAttributes.color!==void 0,morphTargetsCount:j,morphTextureStride:yt,numSunLights:T.sun.length,numDirLights:T.directional.length,numPointLights:T.point.length,numSpotLights:T.spot.length,numSpotLightMaps:T.spotLightMap.length,numRectAreaLights:T.rectArea.length,numHemiLights:T.hemi.length,numSunLightShadows:T.sunShadowMap.length,numDirLightShadows:T.directionalShadowMap.length,numPointLightShadows:T.pointShadowMap.length,numSpotLightShadows:T.spotShadowMap.length,numSpotLightShadowsWithMaps:T.numSpotLightShadowsWithMaps,numLightProbes:T.numLightProbes,numLightProbeGrids:U.filter(mt=>mt.texture!==null).length,numClippingPlanes:r.numPlanes,numClipIntersection:r.numIntersection,dithering:x.dithering,shadowMapEnabled:i.shadowMap.enabled&&N.length>0,shadowMapType:i.shadowMap.type,toneMapping:it,decodeVideoTexture:Et&&x.map.isVideoTexture===!0&&qt.getTransfer(x.map.colorSpace)===ae,decodeVideoTextureEmissive:Ue&&x.emissiveMap.isVideoTexture===!0&&qt.getTransfer(x.emissiveMap.colorSpace)===ae,premultipliedAlpha:x.premultipliedAlpha,doubleSided:x.side===Dn,flipSided:x.side===an,useDepthPacking:x.depthPacking>=0,depthPacking:x.depthPacking||0,index0AttributeName:x.index0AttributeName,extensionClipCullDistance:Vt&&x.extensions.clipCullDistance===!0&&e.has("WEBGL_clip_cull_distance"),extensionMultiDraw:(Vt&&x.extensions.multiDraw===!0||le)&&e.has("WEBGL_multi_draw"),rendererExtensionParallelShaderCompile:e.has("KHR_parallel_shader_compile"),customProgramCacheKey:x.customProgramCacheKey()};return kt.vertexUv1s=c.has(1),kt.vertexUv2s=c.has(2),kt.vertexUv3s=c.has(3),c.clear(),kt}function v(x){let T=[];if(x.shaderID?T.push(x.shaderID):(T.push(x.customVertexShaderID),T.push(x.customFragmentShaderID)),x.defines!==void 0)for(let N in x.defines)T.push(N),T.push(x.defines[N]);return x.isRawShaderMaterial===!1&&(f(T,x),p(T,x),T.push(i.outputColorSpace)),T.push(x.customProgramCacheKey),T.join()}function f(x,T){x.push(T.precision),x.push(T.outputColorSpace),x.push(T.envMapMode),x.push(T.envMapPMREM),x.push(T.envMapMaxLod),x.push(T.envMapSize),x.push(T.mapUv),x.push(T.alphaMapUv),x.push(T.lightMapUv),x.push(T.aoMapUv),x.push(T.bumpMapUv),x.push(T.normalMapUv),x.push(T.displacementMapUv),x.push(T.emissiveMapUv),x.push(T.metalnessMapUv),x.push(T.roughnessMapUv),x.push(T.anisotropyMapUv),x.push(T.clearcoatMapUv),x.push(T.clearcoatNormalMapUv),x.push(T.clearcoatRoughnessMapUv),x.push(T.diffuseRoughnessMapUv),x.push(T.iridescenceMapUv),x.push(T.iridescenceThicknessMapUv),x.push(T.sheenColorMapUv),x.push(T.sheenRoughnessMapUv),x.push(T.specularMapUv),x.push(T.specularColorMapUv),x.push(T.specularIntensityMapUv),x.push(T.transmissionMapUv),x.push(T.thicknessMapUv),x.push(T.combine),x.push(T.fogExp2),x.push(T.sizeAttenuation),x.push(T.morphTargetsCount),x.push(T.numSunLights),x.push(T.numDirLights),x.push(T.numPointLights),x.push(T.numSpotLights),x.push(T.numSpotLightMaps),x.push(T.numHemiLights),x.push(T.numRectAreaLights),x.push(T.numSunLightShadows),x.push(T.numDirLightShadows),x.push(T.numPointLightShadows),x.push(T.numSpotLightShadows),x.push(T.numSpotLightShadowsWithMaps),x.push(T.numLightProbes),x.push(T.numLightProbeGrids),x.push(T.shadowMapType),x.push(T.toneMapping),x.push(T.numClippingPlanes),x.push(T.numClipIntersection),x.push(T.depthPacking)}function p(x,T){a.disableAll(),T.instancing&&a.enable(0),T.instancingColor&&a.enable(1),T.instancingMorph&&a.enable(2),T.matcap&&a.enable(3),T.envMap&&a.enable(4),T.normalMapObjectSpace&&a.enable(5),T.normalMapTangentSpace&&a.enable(6),T.clearcoat&&a.enable(7),T.iridescence&&a.enable(8),T.alphaTest&&a.enable(9),T.vertexColors&&a.enable(10),T.vertexAlphas&&a.enable(11),T.vertexUv1s&&a.enable(12),T.vertexUv2s&&a.enable(13),T.vertexUv3s&&a.enable(14),T.vertexTangents&&a.enable(15),T.anisotropy&&a.enable(16),T.alphaHash&&a.enable(17),T.batching&&a.enable(18),T.dispersion&&a.enable(19),T.retroreflection&&a.enable(24),T.diffuseRoughness&&a.enable(25),T.batchingColor&&a.enable(20),T.gradientMap&&a.enable(21),T.packedNormalMap&&a.enable(22),T.vertexNormals&&a.enable(23),x.push(a.mask),a.disableAll(),T.fog&&a.enable(0),T.useFog&&a.enable(1),T.flatShading&&a.enable(2),T.logarithmicDepthBuffer&&a.enable(3),T.reversedDepthBuffer&&a.enable(4),T.skinning&&a.enable(5),T.morphTargets&&a.enable(6),T.morphNormals&&a.enable(7),T.morphColors&&a.enable(8),T.premultipliedAlpha&&a.enable(9),T.shadowMapEnabled&&a.enable(10),T.doubleSided&&a.enable(11),T.flipSided&&a.enable(12),T.useDepthPacking&&a.enable(13),T.dithering&&a.enable(14),T.transmission&&a.enable(15),T.sheen&&a.enable(16),T.opaque&&a.enable(17),T.pointsUvs&&a.enable(18),T.decodeVideoTexture&&a.enable(19),T.decodeVideoTextureEmissive&&a.enable(20),T.alphaToCoverage&&a.enable(21),T.numLightProbeGrids>0&&a.enable(22),T.hasPositionAttribute&&a.enable(23),x.push(a.mask)}function y(x){let T=d[x.type],N;if(T){let P=ni[T];N=Ld.clone(P.uniforms)}else N=x.uniforms;return N}function M(x,T){let N=u.get(T);return N!==void 0?++N.usedTimes:(N=new Sy(i,T,x,s),l.push(N),u.set(T,N)),N}function b(x){if(--x.usedTimes===0){let T=l.indexOf(x);l[T]=l[l.length-1],l.pop(),u.delete(x.cacheKey),x.destroy()}}function w(x){o.remove(x)}function E(){o.dispose()}return{getParameters:g,getProgramCacheKey:v,getUniforms:y,acquireProgram:M,releaseProgram:b,releaseShaderCache:w,programs:l,dispose:E}}function Ty(){let i=new WeakMap;function t(a){return i.has(a)}function e(a){let o=i.get(a);return o===void 0&&(o={},i.set(a,o)),o}function n(a){i.delete(a)}function s(a,o,c){i.get(a)[o]=c}function r(){i=new WeakMap}return{has:t,get:e,remove:n,update:s,dispose:r}}function Ey(i,t){return i.groupOrder!==t.groupOrder?i.groupOrder-t.groupOrder:i.renderOrder!==t.renderOrder?i.renderOrder-t.renderOrder:i.material.id!==t.material.id?i.material.id-t.material.id:i.materialVariant!==t.materialVariant?i.materialVariant-t.materialVariant:i.z!==t.z?i.z-t.z:i.id-t.id}function jd(i,t){return i.groupOrder!==t.groupOrder?i.groupOrder-t.groupOrder:i.renderOrder!==t.renderOrder?i.renderOrder-t.renderOrder:i.z!==t.z?t.z-i.z:i.id-t.id}function tf(){let i=[],t=0,e=[],n=[],s=[];function r(){t=0,e.length=0,n.length=0,s.length=0}function a(d){let m=0;return d.isInstancedMesh&&(m+=2),d.isSkinnedMesh&&(m+=1),m}function o(d,m,g,v,f,p){let y=i[t];return y===void 0?(y={id:d.id,object:d,geometry:m,material:g,materialVariant:a(d),groupOrder:v,renderOrder:d.renderOrder,z:f,group:p},i[t]=y):(y.id=d.id,y.object=d,y.geometry=m,y.material=g,y.materialVariant=a(d),y.groupOrder=v,y.renderOrder=d.renderOrder,y.z=f,y.group=p),t++,y}function c(d,m,g,v,f,p,y){y.reversedDepth===!0&&(f=-f);let M=o(d,m,g,v,f,p);g.transmission>0?n.push(M):g.transparent===!0?s.push(M):e.push(M)}function l(d,m,g,v,f,p){let y=o(d,m,g,v,f,p);g.transmission>0?n.unshift(y):g.transparent===!0?s.unshift(y):e.unshift(y)}function u(d,m){e.length>1&&e.sort(d||Ey),n.length>1&&n.sort(m||jd),s.length>1&&s.sort(m||jd)}function h(){for(let d=t,m=i.length;d<m;d++){let g=i[d];if(g.id===null)break;g.id=null,g.object=null,g.geometry=null,g.material=null,g.group=null}}return{opaque:e,transmissive:n,transparent:s,init:r,push:c,unshift:l,finish:h,sort:u}}function Ay(){let i=new WeakMap;function t(n,s){let r=i.get(n),a;return r===void 0?(a=new tf,i.set(n,[a])):s>=r.length?(a=new tf,r.push(a)):a=r[s],a}function e(){i=new WeakMap}return{get:t,dispose:e}}function Ry(){let i={};return{get:function(t){if(i[t.id]!==void 0)return i[t.id];let e;switch(t.type){case"SunLight":case"DirectionalLight":e={direction:new C,color:new Ot};break;case"SpotLight":e={position:new C,direction:new C,color:new Ot,distance:0,coneCos:0,penumbraCos:0,decay:0};break;case"PointLight":e={position:new C,color:new Ot,distance:0,decay:0};break;case"HemisphereLight":e={direction:new C,skyColor:new Ot,groundColor:new Ot};break;case"RectAreaLight":e={color:new Ot,position:new C,halfWidth:new C,halfHeight:new C};break}return i[t.id]=e,e}}}function Cy(){let i={};return{get:function(t){if(i[t.id]!==void 0)return i[t.id];let e;switch(t.type){case"SunLight":case"DirectionalLight":e={shadowIntensity:1,shadowBias:0,shadowNormalBias:0,shadowRadius:1,shadowMapSize:new Wt};break;case"SpotLight":e={shadowIntensity:1,shadowBias:0,shadowNormalBias:0,shadowRadius:1,shadowMapSize:new Wt};break;case"PointLight":e={shadowIntensity:1,shadowBias:0,shadowNormalBias:0,shadowRadius:1,shadowMapSize:new Wt,shadowCameraNear:1,shadowCameraFar:1e3};break}return i[t.id]=e,e}}}var Iy=0;function Py(i,t){return(t.castShadow?2:0)-(i.castShadow?2:0)+(t.map?1:0)-(i.map?1:0)}function Dy(i){let t=new Ry,e=Cy(),n={version:0,hash:{sunLength:-1,directionalLength:-1,pointLength:-1,spotLength:-1,rectAreaLength:-1,hemiLength:-1,numSunShadows:-1,numDirectionalShadows:-1,numPointShadows:-1,numSpotShadows:-1,numSpotMaps:-1,numLightProbes:-1},ambient:[0,0,0],probe:[],sun:[],sunShadow:[],sunShadowMap:[],sunShadowMatrix:[],sunShadowCascade:[],directional:[],directionalShadow:[],directionalShadowMap:[],directionalShadowMatrix:[],spot:[],spotLightMap:[],spotShadow:[],spotShadowMap:[],spotLightMatrix:[],rectArea:[],rectAreaLTC1:null,rectAreaLTC2:null,point:[],pointShadow:[],pointShadowMap:[],pointShadowMatrix:[],hemi:[],numSpotLightShadowsWithMaps:0,numLightProbes:0};for(let l=0;l<9;l++)n.probe.push(new C);let s=new C,r=new ie,a=new ie;function o(l){let u=0,h=0,d=0;for(let U=0;U<9;U++)n.probe[U].set(0,0,0);let m=0,g=0,v=0,f=0,p=0,y=0,M=0,b=0,w=0,E=0,x=0,T=0,N=0,P=0;l.sort(Py);for(let U=0,$=l.length;U<$;U++){let I=l[U],G=I.color,q=I.intensity,k=I.distance,tt=null;if(I.shadow&&I.shadow.map&&(I.shadow.map.texture.format===Hi?tt=I.shadow.map.texture:tt=I.shadow.map.depthTexture||I.shadow.map.texture),I.isAmbientLight)u+=G.r*q,h+=G.g*q,d+=G.b*q;else if(I.isLightProbe){for(let H=0;H<9;H++)n.probe[H].addScaledVector(I.sh.coefficients[H],q);P++}else if(I.isSunLight){let H=t.get(I);if(H.color.copy(I.color).multiplyScalar(I.intensity),I.castShadow){let Q=I.shadow,j=e.get(I);j.shadowIntensity=Q.intensity,j.shadowBias=Q.bias,j.shadowNormalBias=Q.normalBias,j.shadowRadius=Q.radius,j.shadowMapSize.copy(Q.mapSize).multiply(Q.getFrameExtents()),n.sunShadow[g]=j,n.sunShadowMap[g]=tt;let yt=Q.getViewportCount();for(let Tt=0;Tt<yt;Tt++)n.sunShadowMatrix[v+Tt]=Q.getMatrix(Tt),n.sunShadowCascade[v+Tt]=Q._cascadeData[Tt];v+=yt,g++}n.sun[m]=H,m++}else if(I.isDirectionalLight){let H=t.get(I);if(H.color.copy(I.color).multiplyScalar(I.intensity),I.castShadow){let Q=I.shadow,j=e.get(I);j.shadowIntensity=Q.intensity,j.shadowBias=Q.bias,j.shadowNormalBias=Q.normalBias,j.shadowRadius=Q.radius,j.shadowMapSize=Q.mapSize,n.directionalShadow[f]=j,n.directionalShadowMap[f]=tt,n.directionalShadowMatrix[f]=I.shadow.matrix,w++}n.directional[f]=H,f++}else if(I.isSpotLight){let H=t.get(I);H.position.setFromMatrixPosition(I.matrixWorld),H.color.copy(G).multiplyScalar(q),H.distance=k,H.coneCos=Math.cos(I.angle),H.penumbraCos=Math.cos(I.angle*(1-I.penumbra)),H.decay=I.decay,n.spot[y]=H;let Q=I.shadow;if(I.map&&(n.spotLightMap[T]=I.map,T++,Q.updateMatrices(I),I.castShadow&&N++),n.spotLightMatrix[y]=Q.matrix,I.castShadow){let j=e.get(I);j.shadowIntensity=Q.intensity,j.shadowBias=Q.bias,j.shadowNormalBias=Q.normalBias,j.shadowRadius=Q.radius,j.shadowMapSize=Q.mapSize,n.spotShadow[y]=j,n.spotShadowMap[y]=tt,x++}y++}else if(I.isRectAreaLight){let H=t.get(I);H.color.copy(G).multiplyScalar(q),H.halfWidth.set(I.width*.5,0,0),H.halfHeight.set(0,I.height*.5,0),n.rectArea[M]=H,M++}else if(I.isPointLight){let H=t.get(I);if(H.color.copy(I.color).multiplyScalar(I.intensity),H.distance=I.distance,H.decay=I.decay,I.castShadow){let Q=I.shadow,j=e.get(I);j.shadowIntensity=Q.intensity,j.shadowBias=Q.bias,j.shadowNormalBias=Q.normalBias,j.shadowRadius=Q.radius,j.shadowMapSize=Q.mapSize,j.shadowCameraNear=Q.camera.near,j.shadowCameraFar=Q.camera.far,n.pointShadow[p]=j,n.pointShadowMap[p]=tt,n.pointShadowMatrix[p]=I.shadow.matrix,E++}n.point[p]=H,p++}else if(I.isHemisphereLight){let H=t.get(I);H.skyColor.copy(I.color).multiplyScalar(q),H.groundColor.copy(I.groundColor).multiplyScalar(q),n.hemi[b]=H,b++}}M>0&&(i.has("OES_texture_float_linear")===!0?(n.rectAreaLTC1=gt.LTC_FLOAT_1,n.rectAreaLTC2=gt.LTC_FLOAT_2):(n.rectAreaLTC1=gt.LTC_HALF_1,n.rectAreaLTC2=gt.LTC_HALF_2)),n.ambient[0]=u,n.ambient[1]=h,n.ambient[2]=d;let D=n.hash;(D.sunLength!==m||D.directionalLength!==f||D.pointLength!==p||D.spotLength!==y||D.rectAreaLength!==M||D.hemiLength!==b||D.numSunShadows!==g||D.numDirectionalShadows!==w||D.numPointShadows!==E||D.numSpotShadows!==x||D.numSpotMaps!==T||D.numLightProbes!==P)&&(n.sun.length=m,n.directional.length=f,n.spot.length=y,n.rectArea.length=M,n.point.length=p,n.hemi.length=b,n.sunShadow.length=g,n.sunShadowMap.length=g,n.sunShadowMatrix.length=v,n.sunShadowCascade.length=v,n.directionalShadow.length=w,n.directionalShadowMap.length=w,n.directionalShadowMatrix.length=w,n.pointShadow.length=E,n.pointShadowMap.length=E,n.pointShadowMatrix.length=E,n.spotShadow.length=x,n.spotShadowMap.length=x,n.spotLightMatrix.length=x+T-N,n.spotLightMap.length=T,n.numSpotLightShadowsWithMaps=N,n.numLightProbes=P,D.sunLength=m,D.directionalLength=f,D.pointLength=p,D.spotLength=y,D.rectAreaLength=M,D.hemiLength=b,D.numSunShadows=g,D.numDirectionalShadows=w,D.numPointShadows=E,D.numSpotShadows=x,D.numSpotMaps=T,D.numLightProbes=P,n.version=Iy++)}function c(l,u){let h=0,d=0,m=0,g=0,v=0,f=0,p=u.matrixWorldInverse;for(let y=0,M=l.length;y<M;y++){let b=l[y];if(b.isSunLight){let w=n.sun[h];w.direction.setFromMatrixPosition(b.matrixWorld),w.direction.transformDirection(p),h++}else if(b.isDirectionalLight){let w=n.directional[d];w.direction.setFromMatrixPosition(b.matrixWorld),s.setFromMatrixPosition(b.target.matrixWorld),w.direction.sub(s),w.direction.transformDirection(p),d++}else if(b.isSpotLight){let w=n.spot[g];w.position.setFromMatrixPosition(b.matrixWorld),w.position.applyMatrix4(p),w.direction.setFromMatrixPosition(b.matrixWorld),s.setFromMatrixPosition(b.target.matrixWorld),w.direction.sub(s),w.direction.transformDirection(p),g++}else if(b.isRectAreaLight){let w=n.rectArea[v];w.position.setFromMatrixPosition(b.matrixWorld),w.position.applyMatrix4(p),a.identity(),r.copy(b.matrixWorld),r.premultiply(p),a.extractRotation(r),w.halfWidth.set(b.width*.5,0,0),w.halfHeight.set(0,b.height*.5,0),w.halfWidth.applyMatrix4(a),w.halfHeight.applyMatrix4(a),v++}else if(b.isPointLight){let w=n.point[m];w.position.setFromMatrixPosition(b.matrixWorld),w.position.applyMatrix4(p),m++}else if(b.isHemisphereLight){let w=n.hemi[f];w.direction.setFromMatrixPosition(b.matrixWorld),w.direction.transformDirection(p),f++}}}return{setup:o,setupView:c,state:n}}function ef(i){let t=new Dy(i),e=[],n=[],s=[];function r(h){u.camera=h,e.length=0,n.length=0,s.length=0}function a(h){h.isLightProbeGrid?s.push(h):e.push(h)}function o(h){n.push(h)}function c(){t.setup(e),s.sort((h,d)=>h.priority-d.priority||h.id-d.id)}function l(h){t.setupView(e,h)}let u={lightsArray:e,shadowsArray:n,lightProbeGridArray:s,camera:null,lights:t,transmissionRenderTarget:{},textureUnits:0};return{init:r,state:u,setupLights:c,setupLightsView:l,pushLight:a,pushShadow:o}}function Ly(i){let t=new WeakMap;function e(s,r=0){let a=t.get(s),o;return a===void 0?(o=new ef(i),t.set(s,[o])):r>=a.length?(o=new ef(i),a.push(o)):o=a[r],o}function n(){t=new WeakMap}return{get:e,dispose:n}}var Fy=`void main() {
	gl_Position = vec4( position, 1.0 );
}`,Ny=`uniform sampler2D shadow_pass;
uniform vec2 resolution;
uniform float radius;
void main() {
	const float samples = float( VSM_SAMPLES );
	float mean = 0.0;
	float squared_mean = 0.0;
	float uvStride = samples <= 1.0 ? 0.0 : 2.0 / ( samples - 1.0 );
	float uvStart = samples <= 1.0 ? 0.0 : - 1.0;
	for ( float i = 0.0; i < samples; i ++ ) {
		float uvOffset = uvStart + i * uvStride;
		#ifdef HORIZONTAL_PASS
			vec2 distribution = texture2D( shadow_pass, ( gl_FragCoord.xy + vec2( uvOffset, 0.0 ) * radius ) / resolution ).rg;
			mean += distribution.x;
			squared_mean += distribution.y * distribution.y + distribution.x * distribution.x;
		#else
			float depth = texture2D( shadow_pass, ( gl_FragCoord.xy + vec2( 0.0, uvOffset ) * radius ) / resolution ).r;
			mean += depth;
			squared_mean += depth * depth;
		#endif
	}
	mean = mean / samples;
	squared_mean = squared_mean / samples;
	float std_dev = sqrt( max( 0.0, squared_mean - mean * mean ) );
	gl_FragColor = vec4( mean, std_dev, 0.0, 1.0 );
}`,Uy=[new C(1,0,0),new C(-1,0,0),new C(0,1,0),new C(0,-1,0),new C(0,0,1),new C(0,0,-1)],Oy=[new C(0,-1,0),new C(0,-1,0),new C(0,0,1),new C(0,0,-1),new C(0,-1,0),new C(0,-1,0)],nf=new ie,Wr=new C,Oc=new C;function zy(i,t,e){let n=new es,s=new Wt,r=new Wt,a=new Qt,o=new no,c=new io,l={},u=e.maxTextureSize,h={[Bi]:an,[an]:Bi,[Dn]:Dn},d=new Pn({defines:{VSM_SAMPLES:8},uniforms:{shadow_pass:{value:null},resolution:{value:new Wt},radius:{value:4}},vertexShader:Fy,fragmentShader:Ny}),m=d.clone();m.defines.HORIZONTAL_PASS=1;let g=new Vn;g.setAttribute("position",new mn(new Float32Array([-1,-1,.5,3,-1,.5,-1,3,.5]),3));let v=new rn(g,d),f=this;this.enabled=!1,this.autoUpdate=!0,this.needsUpdate=!1,this.type=Ur;let p=this.type;this.render=function(E,x,T){if(f.enabled===!1||f.autoUpdate===!1&&f.needsUpdate===!1||E.length===0)return;this.type===Zh&&(Dt("WebGLShadowMap: PCFSoftShadowMap has been removed. Using PCFShadowMap instead."),this.type=Ur);let N=i.getRenderTarget(),P=i.getActiveCubeFace(),D=i.getActiveMipmapLevel(),U=i.state;U.setBlending(ss),U.buffers.depth.getReversed()===!0?U.buffers.color.setClear(0,0,0,0):U.buffers.color.setClear(1,1,1,1),U.buffers.depth.setTest(!0),U.setScissorTest(!1);let $=p!==this.type;$&&x.traverse(function(I){I.material&&(Array.isArray(I.material)?I.material.forEach(G=>G.needsUpdate=!0):I.material.needsUpdate=!0)});for(let I=0,G=E.length;I<G;I++){let q=E[I],k=q.shadow;if(k===void 0){Dt("WebGLShadowMap:",q,"has no shadow.");continue}if(k.autoUpdate===!1&&k.needsUpdate===!1)continue;s.copy(k.mapSize);let tt=k.getFrameExtents();s.multiply(tt),r.copy(k.mapSize),(s.x>u||s.y>u)&&(s.x>u&&(r.x=Math.floor(u/tt.x),s.x=r.x*tt.x,k.mapSize.x=r.x),s.y>u&&(r.y=Math.floor(u/tt.y),s.y=r.y*tt.y,k.mapSize.y=r.y));let H=i.state.buffers.depth.getReversed();if(k.camera._reversedDepth=H,k.map===null||$===!0){if(k.map!==null&&(k.map.depthTexture!==null&&(k.map.depthTexture.dispose(),k.map.depthTexture=null),k.map.dispose()),this.type===Us){if(q.isPointLight){Dt("WebGLShadowMap: VSM shadow maps are not supported for PointLights. Use PCF or BasicShadowMap instead.");continue}k.map=new Xe(s.x,s.y,{format:Hi,type:Gn,minFilter:ke,magFilter:ke,generateMipmaps:!1}),k.map.texture.name=q.name+".shadowMap",k.map.depthTexture=new gi(s.x,s.y,yn),k.map.depthTexture.name=q.name+".shadowMapDepth",k.map.depthTexture.format=mi,k.map.depthTexture.compareFunction=null,k.map.depthTexture.minFilter=me,k.map.depthTexture.magFilter=me}else q.isPointLight?(k.map=new cs(s.x),k.map.depthTexture=new Rr(s.x,Ht)):(k.map=new Xe(s.x,s.y),k.map.depthTexture=new gi(s.x,s.y,Ht)),k.map.depthTexture.name=q.name+".shadowMap",k.map.depthTexture.format=mi,this.type===Ur?(k.map.depthTexture.compareFunction=H?Rc:Ac,k.map.depthTexture.minFilter=ke,k.map.depthTexture.magFilter=ke):(k.map.depthTexture.compareFunction=null,k.map.depthTexture.minFilter=me,k.map.depthTexture.magFilter=me);k.camera.updateProjectionMatrix()}k.map.isWebGLCubeRenderTarget!==!0&&(k.map.width!==s.x||k.map.height!==s.y)&&k.map.setSize(s.x,s.y);let Q=k.map.isWebGLCubeRenderTarget?6:k.getViewportCount();q.isPointLight!==!0&&k.updateMatrices(q,T);let j=(k.camera.layers.mask&4294967294)!==0?k.camera.layers:T.layers;for(let yt=0;yt<Q;yt++){let Tt=k.getCamera(yt);if(q.isPointLight){let W=k.camera,et=k.matrix,ht=q.distance||W.far;ht!==W.far&&(W.far=ht,W.updateProjectionMatrix()),Wr.setFromMatrixPosition(q.matrixWorld),W.position.copy(Wr),Oc.copy(W.position),Oc.add(Uy[yt]),W.up.copy(Oy[yt]),W.lookAt(Oc),W.updateMatrixWorld(),et.makeTranslation(-Wr.x,-Wr.y,-Wr.z),nf.multiplyMatrices(W.projectionMatrix,W.matrixWorldInverse),k._frustum.setFromProjectionMatrix(nf,W.coordinateSystem,W.reversedDepth)}if(k.map.isWebGLCubeRenderTarget)i.setRenderTarget(k.map,yt),i.clear();else{yt===0&&(i.setRenderTarget(k.map),i.clear());let W=k.getViewport(yt);a.set(r.x*W.x,r.y*W.y,r.x*W.z,r.y*W.w),U.viewport(a)}n=k.getFrustum(yt),b(x,T,Tt,q,j,this.type)}k.isPointLightShadow!==!0&&this.type===Us&&y(k,T),k.needsUpdate=!1}p=this.type,f.needsUpdate=!1,i.setRenderTarget(N,P,D)};function y(E,x){let T=t.update(v);d.defines.VSM_SAMPLES!==E.blurSamples&&(d.defines.VSM_SAMPLES=E.blurSamples,m.defines.VSM_SAMPLES=E.blurSamples,d.needsUpdate=!0,m.needsUpdate=!0),E.mapPass===null?E.mapPass=new Xe(s.x,s.y,{format:Hi,type:Gn}):(E.mapPass.width!==E.map.width||E.mapPass.height!==E.map.height)&&E.mapPass.setSize(E.map.width,E.map.height),d.uniforms.shadow_pass.value=E.map.depthTexture,d.uniforms.resolution.value.set(E.map.width,E.map.height),d.uniforms.radius.value=E.radius,i.setRenderTarget(E.mapPass),i.clear(),i.renderBufferDirect(x,null,T,d,v,null),m.uniforms.shadow_pass.value=E.mapPass.texture,m.uniforms.resolution.value.set(E.map.width,E.map.height),m.uniforms.radius.value=E.radius,i.setRenderTarget(E.map),i.clear(),i.renderBufferDirect(x,null,T,m,v,null)}function M(E,x,T,N){let P=null,D=T.isPointLight===!0?E.customDistanceMaterial:E.customDepthMaterial;if(D!==void 0)P=D;else if(P=T.isPointLight===!0?c:o,i.localClippingEnabled&&x.clipShadows===!0&&Array.isArray(x.clippingPlanes)&&x.clippingPlanes.length!==0||x.displacementMap&&x.displacementScale!==0||x.alphaMap&&x.alphaTest>0||x.map&&x.alphaTest>0||x.alphaToCoverage===!0){let U=P.uuid,$=x.uuid,I=l[U];I===void 0&&(I={},l[U]=I);let G=I[$];G===void 0&&(G=P.clone(),I[$]=G,x.addEventListener("dispose",w)),P=G}if(P.visible=x.visible,P.wireframe=x.wireframe,N===Us?P.side=x.shadowSide!==null?x.shadowSide:x.side:P.side=x.shadowSide!==null?x.shadowSide:h[x.side],P.alphaMap=x.alphaMap,P.alphaTest=x.alphaToCoverage===!0?.5:x.alphaTest,P.map=x.map,P.clipShadows=x.clipShadows,P.clippingPlanes=x.clippingPlanes,P.clipIntersection=x.clipIntersection,P.displacementMap=x.displacementMap,P.displacementScale=x.displacementScale,P.displacementBias=x.displacementBias,P.wireframeLinewidth=x.wireframeLinewidth,P.linewidth=x.linewidth,T.isPointLight===!0&&P.isMeshDistanceMaterial===!0){let U=i.properties.get(P);U.light=T}return P}function b(E,x,T,N,P,D){if(E.visible===!1)return;if(E.layers.test(P)&&(E.isMesh||E.isLine||E.isPoints)&&(E.castShadow||E.receiveShadow&&D===Us)&&(!E.frustumCulled||E.intersectsFrustum(n))){E.modelViewMatrix.multiplyMatrices(T.matrixWorldInverse,E.matrixWorld);let I=t.update(E),G=E.material;if(Array.isArray(G)){let q=I.groups;for(let k=0,tt=q.length;k<tt;k++){let H=q[k],Q=G[H.materialIndex];if(Q&&Q.visible){let j=M(E,Q,N,D);E.onBeforeShadow(i,E,x,T,I,j,H),i.renderBufferDirect(T,null,I,j,E,H),E.onAfterShadow(i,E,x,T,I,j,H)}}}else if(G.visible){let q=M(E,G,N,D);E.onBeforeShadow(i,E,x,T,I,q,null),i.renderBufferDirect(T,null,I,q,E,null),E.onAfterShadow(i,E,x,T,I,q,null)}}let $=E.children;for(let I=0,G=$.length;I<G;I++)b($[I],x,T,N,P,D)}function w(E){E.target.removeEventListener("dispose",w);for(let T in l){let N=l[T],P=E.target.uuid;P in N&&(N[P].dispose(),delete N[P])}}}function By(i,t){function e(){let R=!1,Z=new Qt,X=null,ct=new Qt(0,0,0,0);return{setMask:function(st){X!==st&&!R&&(i.colorMask(st,st,st,st),X=st)},setLocked:function(st){R=st},setClear:function(st,at,At,Vt,it){it===!0&&(st*=Vt,at*=Vt,At*=Vt),Z.set(st,at,At,Vt),ct.equals(Z)===!1&&(i.clearColor(st,at,At,Vt),ct.copy(Z))},reset:function(){R=!1,X=null,ct.set(-1,0,0,0)}}}function n(){let R=!1,Z=!1,X=null,ct=null,st=null;return{setReversed:function(at){if(Z!==at){let At=t.get("EXT_clip_control");at?At.clipControlEXT(At.LOWER_LEFT_EXT,At.ZERO_TO_ONE_EXT):At.clipControlEXT(At.LOWER_LEFT_EXT,At.NEGATIVE_ONE_TO_ONE_EXT),Z=at;let Vt=st;st=null,this.setClear(Vt)}},getReversed:function(){return Z},setTest:function(at){at?ot(i.DEPTH_TEST):Ct(i.DEPTH_TEST)},setMask:function(at){X!==at&&!R&&(i.depthMask(at),X=at)},setFunc:function(at){if(Z&&(at=Id[at]),ct!==at){switch(at){case Ba:i.depthFunc(i.NEVER);break;case ka:i.depthFunc(i.ALWAYS);break;case Ha:i.depthFunc(i.LESS);break;case Cs:i.depthFunc(i.LEQUAL);break;case Va:i.depthFunc(i.EQUAL);break;case Ga:i.depthFunc(i.GEQUAL);break;case $a:i.depthFunc(i.GREATER);break;case Wa:i.depthFunc(i.NOTEQUAL);break;default:i.depthFunc(i.LEQUAL)}ct=at}},setLocked:function(at){R=at},setClear:function(at){st!==at&&(st=at,Z&&(at=1-at),i.clearDepth(at))},reset:function(){R=!1,X=null,ct=null,st=null,Z=!1}}}function s(){let R=!1,Z=null,X=null,ct=null,st=null,at=null,At=null,Vt=null,it=null;return{setTest:function(Rt){R||(Rt?ot(i.STENCIL_TEST):Ct(i.STENCIL_TEST))},setMask:function(Rt){Z!==Rt&&!R&&(i.stencilMask(Rt),Z=Rt)},setFunc:function(Rt,kt,mt){(X!==Rt||ct!==kt||st!==mt)&&(i.stencilFunc(Rt,kt,mt),X=Rt,ct=kt,st=mt)},setOp:function(Rt,kt,mt){(at!==Rt||At!==kt||Vt!==mt)&&(i.stencilOp(Rt,kt,mt),at=Rt,At=kt,Vt=mt)},setLocked:function(Rt){R=Rt},setClear:function(Rt){it!==Rt&&(i.clearStencil(Rt),it=Rt)},reset:function(){R=!1,Z=null,X=null,ct=null,st=null,at=null,At=null,Vt=null,it=null}}}let r=new e,a=new n,o=new s,c={},l=new WeakMap,u={},h={},d={},m=new WeakMap,g=[],v=null,f=!1,p=null,y=null,M=null,b=null,w=null,E=null,x=null,T=new Ot(0,0,0),N=0,P=!1,D=null,U=null,$=null,I=null,G=null,q=i.getParameter(i.MAX_COMBINED_TEXTURE_IMAGE_UNITS),k=!1,tt=0,H=i.getParameter(i.VERSION);H.indexOf("WebGL")!==-1?(tt=parseFloat(/^WebGL (\d)/.exec(H)[1]),k=tt>=1):H.indexOf("OpenGL ES")!==-1&&(tt=parseFloat(/^OpenGL ES (\d)/.exec(H)[1]),k=tt>=2);let Q=null,j={},yt=i.getParameter(i.SCISSOR_BOX),Tt=i.getParameter(i.VIEWPORT),W=new Qt().fromArray(yt),et=new Qt().fromArray(Tt);function ht(R,Z,X,ct){let st=new Uint8Array(4),at=i.createTexture();i.bindTexture(R,at),i.texParameteri(R,i.TEXTURE_MIN_FILTER,i.NEAREST),i.texParameteri(R,i.TEXTURE_MAG_FILTER,i.NEAREST);for(let At=0;At<X;At++)R===i.TEXTURE_3D||R===i.TEXTURE_2D_ARRAY?i.texImage3D(Z,0,i.RGBA,1,1,ct,0,i.RGBA,i.UNSIGNED_BYTE,st):i.texImage2D(Z+At,0,i.RGBA,1,1,0,i.RGBA,i.UNSIGNED_BYTE,st);return at}let vt={};vt[i.TEXTURE_2D]=ht(i.TEXTURE_2D,i.TEXTURE_2D,1),vt[i.TEXTURE_CUBE_MAP]=ht(i.TEXTURE_CUBE_MAP,i.TEXTURE_CUBE_MAP_POSITIVE_X,6),vt[i.TEXTURE_2D_ARRAY]=ht(i.TEXTURE_2D_ARRAY,i.TEXTURE_2D_ARRAY,1,1),vt[i.TEXTURE_3D]=ht(i.TEXTURE_3D,i.TEXTURE_3D,1,1),r.setClear(0,0,0,1),a.setClear(1),o.setClear(0),ot(i.DEPTH_TEST),a.setFunc(Cs),ln(!1),Se(sc),ot(i.CULL_FACE),Ge(ss);function ot(R){u[R]!==!0&&(i.enable(R),u[R]=!0)}function Ct(R){u[R]!==!1&&(i.disable(R),u[R]=!1)}function le(R,Z){return d[R]!==Z?(i.bindFramebuffer(R,Z),d[R]=Z,R===i.DRAW_FRAMEBUFFER&&(d[i.FRAMEBUFFER]=Z),R===i.FRAMEBUFFER&&(d[i.DRAW_FRAMEBUFFER]=Z),!0):!1}function Et(R,Z){let X=g,ct=!1;if(R){X=m.get(Z),X===void 0&&(X=[],m.set(Z,X));let st=R.textures;if(X.length!==st.length||X[0]!==i.COLOR_ATTACHMENT0){for(let at=0,At=st.length;at<At;at++)X[at]=i.COLOR_ATTACHMENT0+at;X.length=st.length,ct=!0}}else X[0]!==i.BACK&&(X[0]=i.BACK,ct=!0);ct&&i.drawBuffers(X)}function Ft(R){return v!==R?(i.useProgram(R),v=R,!0):!1}let $t={[rs]:i.FUNC_ADD,[Jh]:i.FUNC_SUBTRACT,[jh]:i.FUNC_REVERSE_SUBTRACT};$t[td]=i.MIN,$t[ed]=i.MAX;let Xt={[nd]:i.ZERO,[id]:i.ONE,[sd]:i.SRC_COLOR,[lc]:i.SRC_ALPHA,[ud]:i.SRC_ALPHA_SATURATE,[ld]:i.DST_COLOR,[ad]:i.DST_ALPHA,[rd]:i.ONE_MINUS_SRC_COLOR,[cc]:i.ONE_MINUS_SRC_ALPHA,[cd]:i.ONE_MINUS_DST_COLOR,[od]:i.ONE_MINUS_DST_ALPHA,[hd]:i.CONSTANT_COLOR,[dd]:i.ONE_MINUS_CONSTANT_COLOR,[fd]:i.CONSTANT_ALPHA,[pd]:i.ONE_MINUS_CONSTANT_ALPHA};function Ge(R,Z,X,ct,st,at,At,Vt,it,Rt){if(R===ss){f===!0&&(Ct(i.BLEND),f=!1);return}if(f===!1&&(ot(i.BLEND),f=!0),R!==Qh){if(R!==p||Rt!==P){if((y!==rs||w!==rs)&&(i.blendEquation(i.FUNC_ADD),y=rs,w=rs),Rt)switch(R){case Os:i.blendFuncSeparate(i.ONE,i.ONE_MINUS_SRC_ALPHA,i.ONE,i.ONE_MINUS_SRC_ALPHA);break;case rc:i.blendFunc(i.ONE,i.ONE);break;case ac:i.blendFuncSeparate(i.ZERO,i.ONE_MINUS_SRC_COLOR,i.ZERO,i.ONE);break;case oc:i.blendFuncSeparate(i.DST_COLOR,i.ONE_MINUS_SRC_ALPHA,i.ZERO,i.ONE);break;default:Lt("WebGLState: Invalid blending: ",R);break}else switch(R){case Os:i.blendFuncSeparate(i.SRC_ALPHA,i.ONE_MINUS_SRC_ALPHA,i.ONE,i.ONE_MINUS_SRC_ALPHA);break;case rc:i.blendFuncSeparate(i.SRC_ALPHA,i.ONE,i.ONE,i.ONE);break;case ac:Lt("WebGLState: SubtractiveBlending requires material.premultipliedAlpha = true");break;case oc:Lt("WebGLState: MultiplyBlending requires material.premultipliedAlpha = true");break;default:Lt("WebGLState: Invalid blending: ",R);break}M=null,b=null,E=null,x=null,T.set(0,0,0),N=0,p=R,P=Rt}return}st=st||Z,at=at||X,At=At||ct,(Z!==y||st!==w)&&(i.blendEquationSeparate($t[Z],$t[st]),y=Z,w=st),(X!==M||ct!==b||at!==E||At!==x)&&(i.blendFuncSeparate(Xt[X],Xt[ct],Xt[at],Xt[At]),M=X,b=ct,E=at,x=At),(Vt.equals(T)===!1||it!==N)&&(i.blendColor(Vt.r,Vt.g,Vt.b,it),T.copy(Vt),N=it),p=R,P=!1}function Re(R,Z){R.side===Dn?Ct(i.CULL_FACE):ot(i.CULL_FACE);let X=R.side===an;Z&&(X=!X),ln(X),R.blending===Os&&R.transparent===!1?Ge(ss):Ge(R.blending,R.blendEquation,R.blendSrc,R.blendDst,R.blendEquationAlpha,R.blendSrcAlpha,R.blendDstAlpha,R.blendColor,R.blendAlpha,R.premultipliedAlpha),a.setFunc(R.depthFunc),a.setTest(R.depthTest),a.setMask(R.depthWrite),r.setMask(R.colorWrite);let ct=R.stencilWrite;o.setTest(ct),ct&&(o.setMask(R.stencilWriteMask),o.setFunc(R.stencilFunc,R.stencilRef,R.stencilFuncMask),o.setOp(R.stencilFail,R.stencilZFail,R.stencilZPass)),Ue(R.polygonOffset,R.polygonOffsetFactor,R.polygonOffsetUnits),R.alphaToCoverage===!0?ot(i.SAMPLE_ALPHA_TO_COVERAGE):Ct(i.SAMPLE_ALPHA_TO_COVERAGE)}function ln(R){D!==R&&(R?i.frontFace(i.CW):i.frontFace(i.CCW),D=R)}function Se(R){R!==Yh?(ot(i.CULL_FACE),R!==U&&(R===sc?i.cullFace(i.BACK):R===Kh?i.cullFace(i.FRONT):i.cullFace(i.FRONT_AND_BACK))):Ct(i.CULL_FACE),U=R}function Kn(R){R!==$&&(k&&i.lineWidth(R),$=R)}function Ue(R,Z,X){R?(ot(i.POLYGON_OFFSET_FILL),(I!==Z||G!==X)&&(I=Z,G=X,a.getReversed()&&(Z=-Z,X=-X),i.polygonOffset(Z,X))):Ct(i.POLYGON_OFFSET_FILL)}function wn(R){R?ot(i.SCISSOR_TEST):Ct(i.SCISSOR_TEST)}function Tn(R){R===void 0&&(R=i.TEXTURE0+q-1),Q!==R&&(i.activeTexture(R),Q=R)}function En(R,Z,X){X===void 0&&(Q===null?X=i.TEXTURE0+q-1:X=Q);let ct=j[X];ct===void 0&&(ct={type:void 0,texture:void 0},j[X]=ct),(ct.type!==R||ct.texture!==Z)&&(Q!==X&&(i.activeTexture(X),Q=X),i.bindTexture(R,Z||vt[R]),ct.type=R,ct.texture=Z)}function F(){let R=j[Q];R!==void 0&&R.type!==void 0&&(i.bindTexture(R.type,null),R.type=void 0,R.texture=void 0)}function An(){try{i.compressedTexImage2D(...arguments)}catch(R){Lt("WebGLState:",R)}}function ye(){try{i.compressedTexImage3D(...arguments)}catch(R){Lt("WebGLState:",R)}}function ve(){try{i.texSubImage2D(...arguments)}catch(R){Lt("WebGLState:",R)}}function pt(){try{i.texSubImage3D(...arguments)}catch(R){Lt("WebGLState:",R)}}function Ce(){try{i.compressedTexSubImage2D(...arguments)}catch(R){Lt("WebGLState:",R)}}function Pt(){try{i.compressedTexSubImage3D(...arguments)}catch(R){Lt("WebGLState:",R)}}function Ut(){try{i.texStorage2D(...arguments)}catch(R){Lt("WebGLState:",R)}}function A(){try{i.texStorage3D(...arguments)}catch(R){Lt("WebGLState:",R)}}function _(){try{i.texImage2D(...arguments)}catch(R){Lt("WebGLState:",R)}}function z(){try{i.texImage3D(...arguments)}catch(R){Lt("WebGLState:",R)}}function nt(R){return h[R]!==void 0?h[R]:i.getParameter(R)}function J(R,Z){h[R]!==Z&&(i.pixelStorei(R,Z),h[R]=Z)}function rt(R){W.equals(R)===!1&&(i.scissor(R.x,R.y,R.z,R.w),W.copy(R))}function dt(R){et.equals(R)===!1&&(i.viewport(R.x,R.y,R.z,R.w),et.copy(R))}function Y(R,Z){let X=l.get(Z);X===void 0&&(X=new WeakMap,l.set(Z,X));let ct=X.get(R);ct===void 0&&(ct=i.getUniformBlockIndex(Z,R.name),i.uniformBlockBinding(Z,ct,ct),X.set(R,ct))}function K(R,Z,X){let st=l.get(Z).get(R);c[st]!==X&&(i.bindBufferBase(i.UNIFORM_BUFFER,st,X),c[st]=X)}function lt(){i.disable(i.BLEND),i.disable(i.CULL_FACE),i.disable(i.DEPTH_TEST),i.disable(i.POLYGON_OFFSET_FILL),i.disable(i.SCISSOR_TEST),i.disable(i.STENCIL_TEST),i.disable(i.SAMPLE_ALPHA_TO_COVERAGE),i.blendEquation(i.FUNC_ADD),i.blendFunc(i.ONE,i.ZERO),i.blendFuncSeparate(i.ONE,i.ZERO,i.ONE,i.ZERO),i.blendColor(0,0,0,0),i.colorMask(!0,!0,!0,!0),i.clearColor(0,0,0,0),i.depthMask(!0),i.depthFunc(i.LESS),a.setReversed(!1),i.clearDepth(1),i.stencilMask(4294967295),i.stencilFunc(i.ALWAYS,0,4294967295),i.stencilOp(i.KEEP,i.KEEP,i.KEEP),i.clearStencil(0),i.cullFace(i.BACK),i.frontFace(i.CCW),i.polygonOffset(0,0),i.activeTexture(i.TEXTURE0),i.bindFramebuffer(i.FRAMEBUFFER,null),i.bindFramebuffer(i.DRAW_FRAMEBUFFER,null),i.bindFramebuffer(i.READ_FRAMEBUFFER,null),i.useProgram(null),i.lineWidth(1),i.scissor(0,0,i.canvas.width,i.canvas.height),i.viewport(0,0,i.canvas.width,i.canvas.height),i.pixelStorei(i.PACK_ALIGNMENT,4),i.pixelStorei(i.UNPACK_ALIGNMENT,4),i.pixelStorei(i.UNPACK_FLIP_Y_WEBGL,!1),i.pixelStorei(i.UNPACK_PREMULTIPLY_ALPHA_WEBGL,!1),i.pixelStorei(i.UNPACK_COLORSPACE_CONVERSION_WEBGL,i.BROWSER_DEFAULT_WEBGL),i.pixelStorei(i.PACK_ROW_LENGTH,0),i.pixelStorei(i.PACK_SKIP_PIXELS,0),i.pixelStorei(i.PACK_SKIP_ROWS,0),i.pixelStorei(i.UNPACK_ROW_LENGTH,0),i.pixelStorei(i.UNPACK_IMAGE_HEIGHT,0),i.pixelStorei(i.UNPACK_SKIP_PIXELS,0),i.pixelStorei(i.UNPACK_SKIP_ROWS,0),i.pixelStorei(i.UNPACK_SKIP_IMAGES,0),u={},h={},Q=null,j={},d={},c={},m=new WeakMap,g=[],v=null,f=!1,p=null,y=null,M=null,b=null,w=null,E=null,x=null,T=new Ot(0,0,0),N=0,P=!1,D=null,U=null,$=null,I=null,G=null,W.set(0,0,i.canvas.width,i.canvas.height),et.set(0,0,i.canvas.width,i.canvas.height),r.reset(),a.reset(),o.reset()}return{buffers:{color:r,depth:a,stencil:o},enable:ot,disable:Ct,bindFramebuffer:le,drawBuffers:Et,useProgram:Ft,setBlending:Ge,setMaterial:Re,setFlipSided:ln,setCullFace:Se,setLineWidth:Kn,setPolygonOffset:Ue,setScissorTest:wn,activeTexture:Tn,bindTexture:En,unbindTexture:F,compressedTexImage2D:An,compressedTexImage3D:ye,texImage2D:_,texImage3D:z,pixelStorei:J,getParameter:nt,updateUBOMapping:Y,uniformBlockBinding:K,texStorage2D:Ut,texStorage3D:A,texSubImage2D:ve,texSubImage3D:pt,compressedTexSubImage2D:Ce,compressedTexSubImage3D:Pt,scissor:rt,viewport:dt,reset:lt}}function ky(i,t,e,n,s,r,a){let o=t.has("WEBGL_multisampled_render_to_texture")?t.get("WEBGL_multisampled_render_to_texture"):null,c=typeof navigator>"u"?!1:/OculusBrowser/g.test(navigator.userAgent),l=new Wt,u=new WeakMap,h=new Set,d,m=new WeakMap,g=new Set,v=new FinalizationRegistry(A=>g.delete(A)),f=!1;try{f=typeof OffscreenCanvas<"u"&&new OffscreenCanvas(1,1).getContext("2d")!==null}catch{}function p(A,_){return f?new OffscreenCanvas(A,_):br("canvas")}function y(A,_,z){let nt=1,J=Ut(A);if((J.width>z||J.height>z)&&(nt=z/Math.max(J.width,J.height)),nt<1)if(typeof HTMLImageElement<"u"&&A instanceof HTMLImageElement||typeof HTMLCanvasElement<"u"&&A instanceof HTMLCanvasElement||typeof ImageBitmap<"u"&&A instanceof ImageBitmap||typeof VideoFrame<"u"&&A instanceof VideoFrame){let rt=Math.floor(nt*J.width),dt=Math.floor(nt*J.height);d===void 0&&(d=p(rt,dt));let Y=_?p(rt,dt):d;return Y.width=rt,Y.height=dt,Y.getContext("2d").drawImage(A,0,0,rt,dt),Dt("WebGLRenderer: Texture has been resized from ("+J.width+"x"+J.height+") to ("+rt+"x"+dt+")."),Y}else return"data"in A&&Dt("WebGLRenderer: Image in DataTexture is too big ("+J.width+"x"+J.height+")."),A;return A}function M(A){return A.generateMipmaps}function b(A){i.generateMipmap(A)}function w(A){return A.isWebGLCubeRenderTarget?i.TEXTURE_CUBE_MAP:A.isWebGL3DRenderTarget?i.TEXTURE_3D:A.isWebGLArrayRenderTarget||A.isCompressedArrayTexture?i.TEXTURE_2D_ARRAY:i.TEXTURE_2D}function E(A,_,z,nt,J,rt=!1){if(A!==null){if(i[A]!==void 0)return i[A];Dt("WebGLRenderer: Attempt to use non-existing WebGL internal format '"+A+"'")}let dt;nt&&(dt=t.get("EXT_texture_norm16"),dt||Dt("WebGLRenderer: Unable to use normalized textures without EXT_texture_norm16 extension"));let Y=_;if(_===i.RED&&(z===i.FLOAT&&(Y=i.R32F),z===i.HALF_FLOAT&&(Y=i.R16F),z===i.UNSIGNED_BYTE&&(Y=i.R8),z===i.UNSIGNED_SHORT&&dt&&(Y=dt.R16_EXT),z===i.SHORT&&dt&&(Y=dt.R16_SNORM_EXT)),_===i.RED_INTEGER&&(z===i.UNSIGNED_BYTE&&(Y=i.R8UI),z===i.UNSIGNED_SHORT&&(Y=i.R16UI),z===i.UNSIGNED_INT&&(Y=i.R32UI),z===i.BYTE&&(Y=i.R8I),z===i.SHORT&&(Y=i.R16I),z===i.INT&&(Y=i.R32I)),_===i.RG&&(z===i.FLOAT&&(Y=i.RG32F),z===i.HALF_FLOAT&&(Y=i.RG16F),z===i.UNSIGNED_BYTE&&(Y=i.RG8),z===i.UNSIGNED_SHORT&&dt&&(Y=dt.RG16_EXT),z===i.SHORT&&dt&&(Y=dt.RG16_SNORM_EXT)),_===i.RG_INTEGER&&(z===i.UNSIGNED_BYTE&&(Y=i.RG8UI),z===i.UNSIGNED_SHORT&&(Y=i.RG16UI),z===i.UNSIGNED_INT&&(Y=i.RG32UI),z===i.BYTE&&(Y=i.RG8I),z===i.SHORT&&(Y=i.RG16I),z===i.INT&&(Y=i.RG32I)),_===i.RGB_INTEGER&&(z===i.UNSIGNED_BYTE&&(Y=i.RGB8UI),z===i.UNSIGNED_SHORT&&(Y=i.RGB16UI),z===i.UNSIGNED_INT&&(Y=i.RGB32UI),z===i.BYTE&&(Y=i.RGB8I),z===i.SHORT&&(Y=i.RGB16I),z===i.INT&&(Y=i.RGB32I)),_===i.RGBA_INTEGER&&(z===i.UNSIGNED_BYTE&&(Y=i.RGBA8UI),z===i.UNSIGNED_SHORT&&(Y=i.RGBA16UI),z===i.UNSIGNED_INT&&(Y=i.RGBA32UI),z===i.BYTE&&(Y=i.RGBA8I),z===i.SHORT&&(Y=i.RGBA16I),z===i.INT&&(Y=i.RGBA32I)),_===i.RGB&&(z===i.UNSIGNED_SHORT&&dt&&(Y=dt.RGB16_EXT),z===i.SHORT&&dt&&(Y=dt.RGB16_SNORM_EXT),z===i.UNSIGNED_INT_5_9_9_9_REV&&(Y=i.RGB9_E5),z===i.UNSIGNED_INT_10F_11F_11F_REV&&(Y=i.R11F_G11F_B10F)),_===i.RGBA){let K=rt?_r:qt.getTransfer(J);z===i.FLOAT&&(Y=i.RGBA32F),z===i.HALF_FLOAT&&(Y=i.RGBA16F),z===i.UNSIGNED_BYTE&&(Y=K===ae?i.SRGB8_ALPHA8:i.RGBA8),z===i.UNSIGNED_SHORT&&dt&&(Y=dt.RGBA16_EXT),z===i.SHORT&&dt&&(Y=dt.RGBA16_SNORM_EXT),z===i.UNSIGNED_SHORT_4_4_4_4&&(Y=i.RGBA4),z===i.UNSIGNED_SHORT_5_5_5_1&&(Y=i.RGB5_A1)}return(Y===i.R16F||Y===i.R32F||Y===i.RG16F||Y===i.RG32F||Y===i.RGBA16F||Y===i.RGBA32F)&&t.get("EXT_color_buffer_float"),Y}function x(A,_){let z;return A?_===null||_===Ht||_===os?z=i.DEPTH24_STENCIL8:_===yn?z=i.DEPTH32F_STENCIL8:_===ki&&(z=i.DEPTH24_STENCIL8,Dt("DepthTexture: 16 bit depth attachment is not supported with stencil. Using 24-bit attachment.")):_===null||_===Ht||_===os?z=i.DEPTH_COMPONENT24:_===yn?z=i.DEPTH_COMPONENT32F:_===ki&&(z=i.DEPTH_COMPONENT16),z}function T(A,_){return M(A)===!0||A.isFramebufferTexture&&A.minFilter!==me&&A.minFilter!==ke?Math.log2(Math.max(_.width,_.height))+1:A.mipmaps.length>0?A.mipmaps.length:A.isCompressedTexture&&Array.isArray(A.image)?_.mipmaps.length:1}function N(A){let _=new WeakRef(A);n.get(A).__ref=_,g.add(_),v.register(A,_,_)}function P(A){let _=n.get(A).__ref;_!==void 0&&(g.delete(_),v.unregister(_))}function D(A){$(A.target)}function U(A){I(A.target)}function $(A){A.removeEventListener("dispose",D),P(A),q(A),A.isVideoTexture&&u.delete(A),A.isHTMLTexture&&h.delete(A)}function I(A){A.removeEventListener("dispose",U),P(A),tt(A)}function G(){for(let A of g){let _=A.deref();_!==void 0&&(_.isRenderTarget===!0?I(_):$(_))}g.clear(),h.clear()}function q(A){let _=n.get(A);if(_.__webglInit===void 0)return;let z=A.source,nt=m.get(z);if(nt){let J=nt[_.__cacheKey];J.usedTimes--,J.usedTimes===0&&k(A),Object.keys(nt).length===0&&m.delete(z)}n.remove(A)}function k(A){let _=n.get(A);i.deleteTexture(_.__webglTexture);let z=A.source,nt=m.get(z);delete nt[_.__cacheKey],a.memory.textures--}function tt(A){let _=n.get(A);_.__depthDisposeCallback&&_.__depthDisposeCallback();let z=A.depthTexture;if(z&&z.renderTarget===A&&$(z),A.isWebGLCubeRenderTarget)for(let J=0;J<6;J++){if(Array.isArray(_.__webglFramebuffer[J]))for(let rt=0;rt<_.__webglFramebuffer[J].length;rt++)i.deleteFramebuffer(_.__webglFramebuffer[J][rt]);else i.deleteFramebuffer(_.__webglFramebuffer[J]);_.__webglDepthbuffer&&i.deleteRenderbuffer(_.__webglDepthbuffer[J])}else{if(Array.isArray(_.__webglFramebuffer))for(let J=0;J<_.__webglFramebuffer.length;J++)i.deleteFramebuffer(_.__webglFramebuffer[J]);else i.deleteFramebuffer(_.__webglFramebuffer);if(_.__webglDepthbuffer&&i.deleteRenderbuffer(_.__webglDepthbuffer),_.__webglMultisampledFramebuffer&&i.deleteFramebuffer(_.__webglMultisampledFramebuffer),_.__webglColorRenderbuffer)for(let J=0;J<_.__webglColorRenderbuffer.length;J++)_.__webglColorRenderbuffer[J]&&i.deleteRenderbuffer(_.__webglColorRenderbuffer[J]);_.__webglDepthRenderbuffer&&i.deleteRenderbuffer(_.__webglDepthRenderbuffer)}let nt=A.textures;for(let J=0,rt=nt.length;J<rt;J++){let dt=n.get(nt[J]);dt.__webglTexture&&(i.deleteTexture(dt.__webglTexture),a.memory.textures--),n.remove(nt[J])}n.remove(A)}let H=0;function Q(){H=0}function j(){return H}function yt(A){H=A}function Tt(){let A=H;return A>=s.maxTextures&&Dt("WebGLTextures: Trying to use "+(A+1)+" texture units while this GPU supports only "+s.maxTextures),H+=1,A}function W(A){let _=[];return _.push(A.wrapS),_.push(A.wrapT),_.push(A.wrapR||0),_.push(A.magFilter),_.push(A.minFilter),_.push(A.anisotropy),_.push(A.internalFormat),_.push(A.format),_.push(A.type),_.push(A.generateMipmaps),_.push(A.mipmapsAutoUpdate),_.push(A.premultiplyAlpha),_.push(A.flipY),_.push(A.unpackAlignment),_.push(A.colorSpace),_.join()}function et(A,_){let z=n.get(A);if(A.isVideoTexture&&Ce(A),A.isRenderTargetTexture===!1&&A.isExternalTexture!==!0&&A.version>0&&z.__version!==A.version){let nt=A.image;if(nt===null)Dt("WebGLRenderer: Texture marked for update but no image data found.");else if(nt.complete===!1)Dt("WebGLRenderer: Texture marked for update but image is incomplete");else{Re(z,A,_);return}}else A.isExternalTexture&&(z.__webglTexture=A.sourceTexture?A.sourceTexture:null);e.bindTexture(i.TEXTURE_2D,z.__webglTexture,i.TEXTURE0+_)}function ht(A,_){let z=n.get(A);if(A.isRenderTargetTexture===!1&&A.version>0&&z.__version!==A.version){Re(z,A,_);return}else A.isExternalTexture&&(z.__webglTexture=A.sourceTexture?A.sourceTexture:null);e.bindTexture(i.TEXTURE_2D_ARRAY,z.__webglTexture,i.TEXTURE0+_)}function vt(A,_){let z=n.get(A);if(A.isRenderTargetTexture===!1&&A.version>0&&z.__version!==A.version){Re(z,A,_);return}e.bindTexture(i.TEXTURE_3D,z.__webglTexture,i.TEXTURE0+_)}function ot(A,_){let z=n.get(A);if(A.version>0&&z.__version!==A.version){ln(z,A,_);return}e.bindTexture(i.TEXTURE_CUBE_MAP,z.__webglTexture,i.TEXTURE0+_)}let Ct={[qa]:i.REPEAT,[Qn]:i.CLAMP_TO_EDGE,[Xa]:i.MIRRORED_REPEAT},le={[me]:i.NEAREST,[xd]:i.NEAREST_MIPMAP_NEAREST,[Or]:i.NEAREST_MIPMAP_LINEAR,[ke]:i.LINEAR,[xo]:i.LINEAR_MIPMAP_NEAREST,[yi]:i.LINEAR_MIPMAP_LINEAR},Et={[Sd]:i.NEVER,[Cc]:i.ALWAYS,[bd]:i.LESS,[Ac]:i.LEQUAL,[Md]:i.EQUAL,[Rc]:i.GEQUAL,[wd]:i.GREATER,[Td]:i.NOTEQUAL};function Ft(A,_){if(_.type===yn&&t.has("OES_texture_float_linear")===!1&&(_.magFilter===ke||_.magFilter===xo||_.magFilter===Or||_.magFilter===yi||_.minFilter===ke||_.minFilter===xo||_.minFilter===Or||_.minFilter===yi)&&Dt("WebGLRenderer: Unable to use linear filtering with floating point textures. OES_texture_float_linear not supported on this device."),i.texParameteri(A,i.TEXTURE_WRAP_S,Ct[_.wrapS]),i.texParameteri(A,i.TEXTURE_WRAP_T,Ct[_.wrapT]),(A===i.TEXTURE_3D||A===i.TEXTURE_2D_ARRAY)&&i.texParameteri(A,i.TEXTURE_WRAP_R,Ct[_.wrapR]),i.texParameteri(A,i.TEXTURE_MAG_FILTER,le[_.magFilter]),i.texParameteri(A,i.TEXTURE_MIN_FILTER,le[_.minFilter]),_.compareFunction&&(i.texParameteri(A,i.TEXTURE_COMPARE_MODE,i.COMPARE_REF_TO_TEXTURE),i.texParameteri(A,i.TEXTURE_COMPARE_FUNC,Et[_.compareFunction])),t.has("EXT_texture_filter_anisotropic")===!0){if(_.magFilter===me||_.minFilter!==Or&&_.minFilter!==yi||_.type===yn&&t.has("OES_texture_float_linear")===!1)return;if(_.anisotropy>1||n.get(_).__currentAnisotropy){let z=t.get("EXT_texture_filter_anisotropic");i.texParameterf(A,z.TEXTURE_MAX_ANISOTROPY_EXT,Math.min(_.anisotropy,s.getMaxAnisotropy())),n.get(_).__currentAnisotropy=_.anisotropy}}}function $t(A,_){let z=!1;A.__webglInit===void 0&&(A.__webglInit=!0,_.addEventListener("dispose",D),N(_));let nt=_.source,J=m.get(nt);J===void 0&&(J={},m.set(nt,J));let rt=W(_);if(rt!==A.__cacheKey){J[rt]===void 0&&(J[rt]={texture:i.createTexture(),usedTimes:0},a.memory.textures++,z=!0),J[rt].usedTimes++;let dt=J[A.__cacheKey];dt!==void 0&&(J[A.__cacheKey].usedTimes--,dt.usedTimes===0&&k(_)),A.__cacheKey=rt,A.__webglTexture=J[rt].texture}return z}function Xt(A,_,z){return Math.floor(Math.floor(A/z)/_)}function Ge(A,_,z,nt){let rt=A.updateRanges;if(rt.length===0)e.texSubImage2D(i.TEXTURE_2D,0,0,0,_.width,_.height,z,nt,_.data);else{rt.sort((R,Z)=>R.start-Z.start);let dt=0;for(let R=1;R<rt.length;R++){let Z=rt[dt],X=rt[R],ct=Z.start+Z.count,st=Xt(X.start,_.width,4),at=Xt(Z.start,_.width,4);X.start<=ct+1&&st===at&&Xt(X.start+X.count-1,_.width,4)===st?Z.count=Math.max(Z.count,X.start+X.count-Z.start):(++dt,rt[dt]=X)}rt.length=dt+1;let Y=e.getParameter(i.UNPACK_ROW_LENGTH),K=e.getParameter(i.UNPACK_SKIP_PIXELS),lt=e.getParameter(i.UNPACK_SKIP_ROWS);e.pixelStorei(i.UNPACK_ROW_LENGTH,_.width);for(let R=0,Z=rt.length;R<Z;R++){let X=rt[R],ct=Math.floor(X.start/4),st=Math.ceil(X.count/4),at=ct%_.width,At=Math.floor(ct/_.width),Vt=st,it=1;e.pixelStorei(i.UNPACK_SKIP_PIXELS,at),e.pixelStorei(i.UNPACK_SKIP_ROWS,At),e.texSubImage2D(i.TEXTURE_2D,0,at,At,Vt,it,z,nt,_.data)}A.clearUpdateRanges(),e.pixelStorei(i.UNPACK_ROW_LENGTH,Y),e.pixelStorei(i.UNPACK_SKIP_PIXELS,K),e.pixelStorei(i.UNPACK_SKIP_ROWS,lt)}}function Re(A,_,z){let nt=i.TEXTURE_2D;(_.isDataArrayTexture||_.isCompressedArrayTexture)&&(nt=i.TEXTURE_2D_ARRAY),_.isData3DTexture&&(nt=i.TEXTURE_3D);let J=$t(A,_),rt=_.source;e.bindTexture(nt,A.__webglTexture,i.TEXTURE0+z);let dt=n.get(rt);if(rt.version!==dt.__version||J===!0){if(e.activeTexture(i.TEXTURE0+z),(typeof ImageBitmap<"u"&&_.image instanceof ImageBitmap)===!1){let it=qt.getPrimaries(qt.workingColorSpace),Rt=_.colorSpace===_i?null:qt.getPrimaries(_.colorSpace),kt=_.colorSpace===_i||it===Rt?i.NONE:i.BROWSER_DEFAULT_WEBGL;e.pixelStorei(i.UNPACK_FLIP_Y_WEBGL,_.flipY),e.pixelStorei(i.UNPACK_PREMULTIPLY_ALPHA_WEBGL,_.premultiplyAlpha),e.pixelStorei(i.UNPACK_COLORSPACE_CONVERSION_WEBGL,kt)}e.pixelStorei(i.UNPACK_ALIGNMENT,_.unpackAlignment);let K=y(_.image,!1,s.maxTextureSize);K=Pt(_,K);let lt=r.convert(_.format,_.colorSpace),R=r.convert(_.type),Z=E(_.internalFormat,lt,R,_.normalized,_.colorSpace,_.isVideoTexture);Ft(nt,_);let X,ct=_.mipmaps,st=_.isVideoTexture!==!0,at=dt.__version===void 0||J===!0,At=rt.dataReady,Vt=T(_,K);if(_.isDepthTexture)Z=x(_.format===vi,_.type),at&&(st?e.texStorage2D(i.TEXTURE_2D,1,Z,K.width,K.height):e.texImage2D(i.TEXTURE_2D,0,Z,K.width,K.height,0,lt,R,null));else if(_.isDataTexture)if(ct.length>0){st&&at&&e.texStorage2D(i.TEXTURE_2D,Vt,Z,ct[0].width,ct[0].height);for(let it=0,Rt=ct.length;it<Rt;it++)X=ct[it],st?At&&e.texSubImage2D(i.TEXTURE_2D,it,0,0,X.width,X.height,lt,R,X.data):e.texImage2D(i.TEXTURE_2D,it,Z,X.width,X.height,0,lt,R,X.data);_.generateMipmaps=!1}else st?(at&&e.texStorage2D(i.TEXTURE_2D,Vt,Z,K.width,K.height),At&&Ge(_,K,lt,R)):e.texImage2D(i.TEXTURE_2D,0,Z,K.width,K.height,0,lt,R,K.data);else if(_.isCompressedTexture)if(_.isCompressedArrayTexture){st&&at&&e.texStorage3D(i.TEXTURE_2D_ARRAY,Vt,Z,ct[0].width,ct[0].height,K.depth);for(let it=0,Rt=ct.length;it<Rt;it++)if(X=ct[it],_.format!==Ae)if(lt!==null)if(st){if(At)if(_.layerUpdates.size>0){let kt=Nc(X.width,X.height,_.format,_.type);for(let mt of _.layerUpdates){let ce=X.data.subarray(mt*kt/X.data.BYTES_PER_ELEMENT,(mt+1)*kt/X.data.BYTES_PER_ELEMENT);e.compressedTexSubImage3D(i.TEXTURE_2D_ARRAY,it,0,0,mt,X.width,X.height,1,lt,ce)}}else e.compressedTexSubImage3D(i.TEXTURE_2D_ARRAY,it,0,0,0,X.width,X.height,K.depth,lt,X.data)}else e.compressedTexImage3D(i.TEXTURE_2D_ARRAY,it,Z,X.width,X.height,K.depth,0,X.data,0,0);else Dt("WebGLRenderer: Attempt to load unsupported compressed texture format in .uploadTexture()");else st?At&&e.texSubImage3D(i.TEXTURE_2D_ARRAY,it,0,0,0,X.width,X.height,K.depth,lt,R,X.data):e.texImage3D(i.TEXTURE_2D_ARRAY,it,Z,X.width,X.height,K.depth,0,lt,R,X.data);_.layerUpdates.size>0&&_.clearLayerUpdates()}else{st&&at&&e.texStorage2D(i.TEXTURE_2D,Vt,Z,ct[0].width,ct[0].height);for(let it=0,Rt=ct.length;it<Rt;it++)X=ct[it],_.format!==Ae?lt!==null?st?At&&e.compressedTexSubImage2D(i.TEXTURE_2D,it,0,0,X.width,X.height,lt,X.data):e.compressedTexImage2D(i.TEXTURE_2D,it,Z,X.width,X.height,0,X.data):Dt("WebGLRenderer: Attempt to load unsupported compressed texture format in .uploadTexture()"):st?At&&e.texSubImage2D(i.TEXTURE_2D,it,0,0,X.width,X.height,lt,R,X.data):e.texImage2D(i.TEXTURE_2D,it,Z,X.width,X.height,0,lt,R,X.data)}else if(_.isDataArrayTexture)if(st){if(at&&e.texStorage3D(i.TEXTURE_2D_ARRAY,Vt,Z,K.width,K.height,K.depth),At)if(_.layerUpdates.size>0){let it=Nc(K.width,K.height,_.format,_.type);for(let Rt of _.layerUpdates){let kt=K.data.subarray(Rt*it/K.data.BYTES_PER_ELEMENT,(Rt+1)*it/K.data.BYTES_PER_ELEMENT);e.texSubImage3D(i.TEXTURE_2D_ARRAY,0,0,0,Rt,K.width,K.height,1,lt,R,kt)}_.clearLayerUpdates()}else e.texSubImage3D(i.TEXTURE_2D_ARRAY,0,0,0,0,K.width,K.height,K.depth,lt,R,K.data)}else e.texImage3D(i.TEXTURE_2D_ARRAY,0,Z,K.width,K.height,K.depth,0,lt,R,K.data);else if(_.isData3DTexture)st?(at&&e.texStorage3D(i.TEXTURE_3D,Vt,Z,K.width,K.height,K.depth),At&&e.texSubImage3D(i.TEXTURE_3D,0,0,0,0,K.width,K.height,K.depth,lt,R,K.data)):e.texImage3D(i.TEXTURE_3D,0,Z,K.width,K.height,K.depth,0,lt,R,K.data);else if(_.isFramebufferTexture){if(at)if(st)e.texStorage2D(i.TEXTURE_2D,Vt,Z,K.width,K.height);else{let it=K.width,Rt=K.height;for(let kt=0;kt<Vt;kt++)e.texImage2D(i.TEXTURE_2D,kt,Z,it,Rt,0,lt,R,null),it>>=1,Rt>>=1}}else if(_.isHTMLTexture){if("texElementImage2D"in i){let it=i.canvas;if(it.hasAttribute("layoutsubtree")||it.setAttribute("layoutsubtree","true"),K.parentNode!==it){it.appendChild(K),h.add(_),it.onpaint=Rt=>{let kt=Rt.changedElements;for(let mt of h)kt.includes(mt.image)&&(mt.needsUpdate=!0)},it.requestPaint();return}if(i.texElementImage2D.length===3)i.texElementImage2D(i.TEXTURE_2D,i.RGBA8,K);else{let kt=i.RGBA,mt=i.RGBA,ce=i.UNSIGNED_BYTE;i.texElementImage2D(i.TEXTURE_2D,0,kt,mt,ce,K)}i.texParameteri(i.TEXTURE_2D,i.TEXTURE_MIN_FILTER,i.LINEAR),i.texParameteri(i.TEXTURE_2D,i.TEXTURE_WRAP_S,i.CLAMP_TO_EDGE),i.texParameteri(i.TEXTURE_2D,i.TEXTURE_WRAP_T,i.CLAMP_TO_EDGE)}}else if(ct.length>0){if(st&&at){let it=Ut(ct[0]);e.texStorage2D(i.TEXTURE_2D,Vt,Z,it.width,it.height)}for(let it=0,Rt=ct.length;it<Rt;it++)X=ct[it],st?At&&e.texSubImage2D(i.TEXTURE_2D,it,0,0,lt,R,X):e.texImage2D(i.TEXTURE_2D,it,Z,lt,R,X);_.generateMipmaps=!1}else if(st){if(at){let it=Ut(K);e.texStorage2D(i.TEXTURE_2D,Vt,Z,it.width,it.height)}At&&e.texSubImage2D(i.TEXTURE_2D,0,0,0,lt,R,K)}else e.texImage2D(i.TEXTURE_2D,0,Z,lt,R,K);M(_)&&_.mipmapsAutoUpdate===!0&&b(nt),dt.__version=rt.version,_.onUpdate&&_.onUpdate(_)}A.__version=_.version}function ln(A,_,z){if(_.image.length!==6)return;let nt=$t(A,_),J=_.source;e.bindTexture(i.TEXTURE_CUBE_MAP,A.__webglTexture,i.TEXTURE0+z);let rt=n.get(J);if(J.version!==rt.__version||nt===!0){e.activeTexture(i.TEXTURE0+z);let dt=qt.getPrimaries(qt.workingColorSpace),Y=_.colorSpace===_i?null:qt.getPrimaries(_.colorSpace),K=_.colorSpace===_i||dt===Y?i.NONE:i.BROWSER_DEFAULT_WEBGL;e.pixelStorei(i.UNPACK_FLIP_Y_WEBGL,_.flipY),e.pixelStorei(i.UNPACK_PREMULTIPLY_ALPHA_WEBGL,_.premultiplyAlpha),e.pixelStorei(i.UNPACK_ALIGNMENT,_.unpackAlignment),e.pixelStorei(i.UNPACK_COLORSPACE_CONVERSION_WEBGL,K);let lt=_.isCompressedTexture||_.image[0].isCompressedTexture,R=_.image[0]&&_.image[0].isDataTexture,Z=[];for(let mt=0;mt<6;mt++)!lt&&!R?Z[mt]=y(_.image[mt],!0,s.maxCubemapSize):Z[mt]=R?_.image[mt].image:_.image[mt],Z[mt]=Pt(_,Z[mt]);let X=Z[0],ct=r.convert(_.format,_.colorSpace),st=r.convert(_.type),at=E(_.internalFormat,ct,st,_.normalized,_.colorSpace),At=_.isVideoTexture!==!0,Vt=rt.__version===void 0||nt===!0,it=J.dataReady,Rt=T(_,X);Ft(i.TEXTURE_CUBE_MAP,_);let kt;if(_.isDepthTexture){if(at=x(_.format===vi,_.type),Vt)if(At)e.texStorage2D(i.TEXTURE_CUBE_MAP,1,at,X.width,X.height);else for(let mt=0;mt<6;mt++)e.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,0,at,X.width,X.height,0,ct,st,null)}else if(lt){At&&Vt&&e.texStorage2D(i.TEXTURE_CUBE_MAP,Rt,at,X.width,X.height);for(let mt=0;mt<6;mt++){kt=Z[mt].mipmaps;for(let ce=0;ce<kt.length;ce++){let Oe=kt[ce];_.format!==Ae?ct!==null?At?it&&e.compressedTexSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,ce,0,0,Oe.width,Oe.height,ct,Oe.data):e.compressedTexImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,ce,at,Oe.width,Oe.height,0,Oe.data):Dt("WebGLRenderer: Attempt to load unsupported compressed texture format in .setTextureCube()"):At?it&&e.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,ce,0,0,Oe.width,Oe.height,ct,st,Oe.data):e.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,ce,at,Oe.width,Oe.height,0,ct,st,Oe.data)}}}else{if(kt=_.mipmaps,At&&Vt){kt.length>0&&Rt++;let mt=Ut(Z[0]);e.texStorage2D(i.TEXTURE_CUBE_MAP,Rt,at,mt.width,mt.height)}for(let mt=0;mt<6;mt++)if(R){At?it&&e.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,0,0,0,Z[mt].width,Z[mt].height,ct,st,Z[mt].data):e.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,0,at,Z[mt].width,Z[mt].height,0,ct,st,Z[mt].data);for(let ce=0;ce<kt.length;ce++){let Ti=kt[ce].image[mt].image;At?it&&e.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,ce+1,0,0,Ti.width,Ti.height,ct,st,Ti.data):e.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,ce+1,at,Ti.width,Ti.height,0,ct,st,Ti.data)}}else{At?it&&e.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,0,0,0,ct,st,Z[mt]):e.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,0,at,ct,st,Z[mt]);for(let ce=0;ce<kt.length;ce++){let Oe=kt[ce];At?it&&e.texSubImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,ce+1,0,0,ct,st,Oe.image[mt]):e.texImage2D(i.TEXTURE_CUBE_MAP_POSITIVE_X+mt,ce+1,at,ct,st,Oe.image[mt])}}}M(_)&&_.mipmapsAutoUpdate===!0&&b(i.TEXTURE_CUBE_MAP),rt.__version=J.version,_.onUpdate&&_.onUpdate(_)}A.__version=_.version}function Se(A,_,z,nt,J,rt){let dt=r.convert(z.format,z.colorSpace),Y=r.convert(z.type),K=E(z.internalFormat,dt,Y,z.normalized,z.colorSpace),lt=n.get(_),R=n.get(z);if(R.__renderTarget=_,!lt.__hasExternalTextures){let Z=Math.max(1,_.width>>rt),X=Math.max(1,_.height>>rt);J===i.TEXTURE_3D||J===i.TEXTURE_2D_ARRAY?e.texImage3D(J,rt,K,Z,X,_.depth,0,dt,Y,null):e.texImage2D(J,rt,K,Z,X,0,dt,Y,null)}e.bindFramebuffer(i.FRAMEBUFFER,A),pt(_)?o.framebufferTexture2DMultisampleEXT(i.FRAMEBUFFER,nt,J,R.__webglTexture,0,ve(_)):(J===i.TEXTURE_2D||J>=i.TEXTURE_CUBE_MAP_POSITIVE_X&&J<=i.TEXTURE_CUBE_MAP_NEGATIVE_Z)&&i.framebufferTexture2D(i.FRAMEBUFFER,nt,J,R.__webglTexture,rt),e.bindFramebuffer(i.FRAMEBUFFER,null)}function Kn(A,_,z){if(i.bindRenderbuffer(i.RENDERBUFFER,A),_.depthBuffer){let nt=_.depthTexture,J=nt&&nt.isDepthTexture?nt.type:null,rt=x(_.stencilBuffer,J),dt=_.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT;pt(_)?o.renderbufferStorageMultisampleEXT(i.RENDERBUFFER,ve(_),rt,_.width,_.height):z?i.renderbufferStorageMultisample(i.RENDERBUFFER,ve(_),rt,_.width,_.height):i.renderbufferStorage(i.RENDERBUFFER,rt,_.width,_.height),i.framebufferRenderbuffer(i.FRAMEBUFFER,dt,i.RENDERBUFFER,A)}else{let nt=_.textures;for(let J=0;J<nt.length;J++){let rt=nt[J],dt=r.convert(rt.format,rt.colorSpace),Y=r.convert(rt.type),K=E(rt.internalFormat,dt,Y,rt.normalized,rt.colorSpace);pt(_)?o.renderbufferStorageMultisampleEXT(i.RENDERBUFFER,ve(_),K,_.width,_.height):z?i.renderbufferStorageMultisample(i.RENDERBUFFER,ve(_),K,_.width,_.height):i.renderbufferStorage(i.RENDERBUFFER,K,_.width,_.height)}}i.bindRenderbuffer(i.RENDERBUFFER,null)}function Ue(A,_,z){let nt=_.isWebGLCubeRenderTarget===!0;if(e.bindFramebuffer(i.FRAMEBUFFER,A),!(_.depthTexture&&_.depthTexture.isDepthTexture))throw new Error("THREE.WebGLTextures: renderTarget.depthTexture must be an instance of THREE.DepthTexture.");let J=n.get(_.depthTexture);J.__renderTarget=_;let rt=nt?_.depthTexture.image[0]:_.depthTexture.image;(!J.__webglTexture||rt.width!==_.width||rt.height!==_.height)&&(rt.width=_.width,rt.height=_.height,_.depthTexture.needsUpdate=!0),nt?ot(_.depthTexture,0):et(_.depthTexture,0);let dt=J.__webglTexture,Y=ve(_),K=nt?i.TEXTURE_CUBE_MAP_POSITIVE_X+z:i.TEXTURE_2D,lt=_.depthTexture.format===vi?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT;if(_.depthTexture.format===mi)pt(_)?o.framebufferTexture2DMultisampleEXT(i.FRAMEBUFFER,lt,K,dt,0,Y):i.framebufferTexture2D(i.FRAMEBUFFER,lt,K,dt,0);else if(_.depthTexture.format===vi)pt(_)?o.framebufferTexture2DMultisampleEXT(i.FRAMEBUFFER,lt,K,dt,0,Y):i.framebufferTexture2D(i.FRAMEBUFFER,lt,K,dt,0);else throw new Error("THREE.WebGLTextures: Unknown depthTexture format.")}function wn(A){let _=n.get(A),z=A.isWebGLCubeRenderTarget===!0;if(_.__boundDepthTexture!==A.depthTexture){let nt=A.depthTexture;if(_.__depthDisposeCallback&&_.__depthDisposeCallback(),nt){let J=()=>{delete _.__boundDepthTexture,delete _.__depthDisposeCallback,nt.removeEventListener("dispose",J)};nt.addEventListener("dispose",J),_.__depthDisposeCallback=J}_.__boundDepthTexture=nt}if(A.depthTexture&&!_.__autoAllocateDepthBuffer)if(z)for(let nt=0;nt<6;nt++)Ue(_.__webglFramebuffer[nt],A,nt);else A.texture.mipmaps.length>0?Ue(_.__webglFramebuffer[0],A,0):Ue(_.__webglFramebuffer,A,0);else if(z){_.__webglDepthbuffer=[];for(let nt=0;nt<6;nt++)if(e.bindFramebuffer(i.FRAMEBUFFER,_.__webglFramebuffer[nt]),_.__webglDepthbuffer[nt]===void 0)_.__webglDepthbuffer[nt]=i.createRenderbuffer(),Kn(_.__webglDepthbuffer[nt],A,!1);else{let J=A.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT,rt=_.__webglDepthbuffer[nt];i.bindRenderbuffer(i.RENDERBUFFER,rt),i.framebufferRenderbuffer(i.FRAMEBUFFER,J,i.RENDERBUFFER,rt)}}else if(A.texture.mipmaps.length>0?e.bindFramebuffer(i.FRAMEBUFFER,_.__webglFramebuffer[0]):e.bindFramebuffer(i.FRAMEBUFFER,_.__webglFramebuffer),_.__webglDepthbuffer===void 0)_.__webglDepthbuffer=i.createRenderbuffer(),Kn(_.__webglDepthbuffer,A,!1);else{let J=A.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT,rt=_.__webglDepthbuffer;i.bindRenderbuffer(i.RENDERBUFFER,rt),i.framebufferRenderbuffer(i.FRAMEBUFFER,J,i.RENDERBUFFER,rt)}e.bindFramebuffer(i.FRAMEBUFFER,null)}function Tn(A,_,z){let nt=n.get(A);_!==void 0&&Se(nt.__webglFramebuffer,A,A.texture,i.COLOR_ATTACHMENT0,i.TEXTURE_2D,0),z!==void 0&&wn(A)}function En(A){let _=A.texture,z=n.get(A),nt=n.get(_);A.addEventListener("dispose",U),N(A);let J=A.textures,rt=A.isWebGLCubeRenderTarget===!0,dt=J.length>1;if(dt||(nt.__webglTexture===void 0&&(nt.__webglTexture=i.createTexture()),nt.__version=_.version,a.memory.textures++),rt){z.__webglFramebuffer=[];for(let Y=0;Y<6;Y++)if(_.mipmaps.length>0){z.__webglFramebuffer[Y]=[];for(let K=0;K<_.mipmaps.length;K++)z.__webglFramebuffer[Y][K]=i.createFramebuffer()}else z.__webglFramebuffer[Y]=i.createFramebuffer()}else{if(_.mipmaps.length>0){z.__webglFramebuffer=[];for(let Y=0;Y<_.mipmaps.length;Y++)z.__webglFramebuffer[Y]=i.createFramebuffer()}else z.__webglFramebuffer=i.createFramebuffer();if(dt)for(let Y=0,K=J.length;Y<K;Y++){let lt=n.get(J[Y]);lt.__webglTexture===void 0&&(lt.__webglTexture=i.createTexture(),a.memory.textures++)}if(A.samples>0&&pt(A)===!1){z.__webglMultisampledFramebuffer=i.createFramebuffer(),z.__webglColorRenderbuffer=[],e.bindFramebuffer(i.FRAMEBUFFER,z.__webglMultisampledFramebuffer);for(let Y=0;Y<J.length;Y++){let K=J[Y];z.__webglColorRenderbuffer[Y]=i.createRenderbuffer(),i.bindRenderbuffer(i.RENDERBUFFER,z.__webglColorRenderbuffer[Y]);let lt=r.convert(K.format,K.colorSpace),R=r.convert(K.type),Z=E(K.internalFormat,lt,R,K.normalized,K.colorSpace,A.isXRRenderTarget===!0),X=ve(A);i.renderbufferStorageMultisample(i.RENDERBUFFER,X,Z,A.width,A.height),i.framebufferRenderbuffer(i.FRAMEBUFFER,i.COLOR_ATTACHMENT0+Y,i.RENDERBUFFER,z.__webglColorRenderbuffer[Y])}i.bindRenderbuffer(i.RENDERBUFFER,null),A.depthBuffer&&(z.__webglDepthRenderbuffer=i.createRenderbuffer(),Kn(z.__webglDepthRenderbuffer,A,!0)),e.bindFramebuffer(i.FRAMEBUFFER,null)}}if(rt){e.bindTexture(i.TEXTURE_CUBE_MAP,nt.__webglTexture),Ft(i.TEXTURE_CUBE_MAP,_);for(let Y=0;Y<6;Y++)if(_.mipmaps.length>0)for(let K=0;K<_.mipmaps.length;K++)Se(z.__webglFramebuffer[Y][K],A,_,i.COLOR_ATTACHMENT0,i.TEXTURE_CUBE_MAP_POSITIVE_X+Y,K);else Se(z.__webglFramebuffer[Y],A,_,i.COLOR_ATTACHMENT0,i.TEXTURE_CUBE_MAP_POSITIVE_X+Y,0);M(_)?b(i.TEXTURE_CUBE_MAP):_.mipmaps.length>0&&i.texParameteri(i.TEXTURE_CUBE_MAP,i.TEXTURE_MAX_LEVEL,_.mipmaps.length-1),e.unbindTexture()}else if(dt){for(let Y=0,K=J.length;Y<K;Y++){let lt=J[Y],R=n.get(lt),Z=i.TEXTURE_2D;(A.isWebGL3DRenderTarget||A.isWebGLArrayRenderTarget)&&(Z=A.isWebGL3DRenderTarget?i.TEXTURE_3D:i.TEXTURE_2D_ARRAY),e.bindTexture(Z,R.__webglTexture),Ft(Z,lt),Se(z.__webglFramebuffer,A,lt,i.COLOR_ATTACHMENT0+Y,Z,0),M(lt)&&b(Z)}e.unbindTexture()}else{let Y=i.TEXTURE_2D;if((A.isWebGL3DRenderTarget||A.isWebGLArrayRenderTarget)&&(Y=A.isWebGL3DRenderTarget?i.TEXTURE_3D:i.TEXTURE_2D_ARRAY),e.bindTexture(Y,nt.__webglTexture),Ft(Y,_),_.mipmaps.length>0)for(let K=0;K<_.mipmaps.length;K++)Se(z.__webglFramebuffer[K],A,_,i.COLOR_ATTACHMENT0,Y,K);else Se(z.__webglFramebuffer,A,_,i.COLOR_ATTACHMENT0,Y,0);M(_)?b(Y):_.mipmaps.length>0&&i.texParameteri(Y,i.TEXTURE_MAX_LEVEL,_.mipmaps.length-1),e.unbindTexture()}A.depthBuffer&&wn(A)}function F(A){let _=A.textures;for(let z=0,nt=_.length;z<nt;z++){let J=_[z];if(M(J)&&J.mipmapsAutoUpdate===!0){let rt=w(A),dt=n.get(J).__webglTexture;e.bindTexture(rt,dt),b(rt),e.unbindTexture()}}}let An=[];function ye(A){if(A.samples>0){if(pt(A)===!1){let _=A.textures,z=A.width,nt=A.height,J=i.COLOR_BUFFER_BIT,rt=A.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT,dt=n.get(A),Y=_.length>1;if(Y)for(let lt=0;lt<_.length;lt++)e.bindFramebuffer(i.FRAMEBUFFER,dt.__webglMultisampledFramebuffer),i.framebufferRenderbuffer(i.FRAMEBUFFER,i.COLOR_ATTACHMENT0+lt,i.RENDERBUFFER,null),e.bindFramebuffer(i.FRAMEBUFFER,dt.__webglFramebuffer),i.framebufferTexture2D(i.DRAW_FRAMEBUFFER,i.COLOR_ATTACHMENT0+lt,i.TEXTURE_2D,null,0);e.bindFramebuffer(i.READ_FRAMEBUFFER,dt.__webglMultisampledFramebuffer),A.texture.mipmaps.length>0?e.bindFramebuffer(i.DRAW_FRAMEBUFFER,dt.__webglFramebuffer[0]):e.bindFramebuffer(i.DRAW_FRAMEBUFFER,dt.__webglFramebuffer);for(let lt=0;lt<_.length;lt++){if(A.resolveDepthBuffer&&(A.depthBuffer&&(J|=i.DEPTH_BUFFER_BIT),A.stencilBuffer&&A.resolveStencilBuffer&&(J|=i.STENCIL_BUFFER_BIT)),Y){i.framebufferRenderbuffer(i.READ_FRAMEBUFFER,i.COLOR_ATTACHMENT0,i.RENDERBUFFER,dt.__webglColorRenderbuffer[lt]);let R=n.get(_[lt]).__webglTexture;i.framebufferTexture2D(i.DRAW_FRAMEBUFFER,i.COLOR_ATTACHMENT0,i.TEXTURE_2D,R,0)}i.blitFramebuffer(0,0,z,nt,0,0,z,nt,J,i.NEAREST),c===!0&&(An.length=0,An.push(i.COLOR_ATTACHMENT0+lt),A.depthBuffer&&A.storeMultisampledDepthBuffer===!1&&An.push(rt),i.invalidateFramebuffer(i.READ_FRAMEBUFFER,An))}if(e.bindFramebuffer(i.READ_FRAMEBUFFER,null),e.bindFramebuffer(i.DRAW_FRAMEBUFFER,null),Y)for(let lt=0;lt<_.length;lt++){e.bindFramebuffer(i.FRAMEBUFFER,dt.__webglMultisampledFramebuffer),i.framebufferRenderbuffer(i.FRAMEBUFFER,i.COLOR_ATTACHMENT0+lt,i.RENDERBUFFER,dt.__webglColorRenderbuffer[lt]);let R=n.get(_[lt]).__webglTexture;e.bindFramebuffer(i.FRAMEBUFFER,dt.__webglFramebuffer),i.framebufferTexture2D(i.DRAW_FRAMEBUFFER,i.COLOR_ATTACHMENT0+lt,i.TEXTURE_2D,R,0)}e.bindFramebuffer(i.DRAW_FRAMEBUFFER,dt.__webglMultisampledFramebuffer)}else if(A.depthBuffer&&A.storeMultisampledDepthBuffer===!1&&c){let _=A.stencilBuffer?i.DEPTH_STENCIL_ATTACHMENT:i.DEPTH_ATTACHMENT;i.invalidateFramebuffer(i.DRAW_FRAMEBUFFER,[_])}}}function ve(A){return Math.min(s.maxSamples,A.samples)}function pt(A){let _=n.get(A);return A.samples>0&&t.has("WEBGL_multisampled_render_to_texture")===!0&&_.__useRenderToTexture!==!1}function Ce(A){let _=a.render.frame;u.get(A)!==_&&(u.set(A,_),A.update())}function Pt(A,_){let z=A.colorSpace,nt=A.format,J=A.type;return A.isCompressedTexture===!0||A.isVideoTexture===!0||z!==ji&&z!==_i&&(qt.getTransfer(z)===ae?(nt!==Ae||J!==we)&&Dt("WebGLTextures: sRGB encoded textures have to use RGBAFormat and UnsignedByteType."):Lt("WebGLTextures: Unsupported texture color space:",z)),_}function Ut(A){return typeof HTMLImageElement<"u"&&A instanceof HTMLImageElement?(l.width=A.naturalWidth||A.width,l.height=A.naturalHeight||A.height):typeof VideoFrame<"u"&&A instanceof VideoFrame?(l.width=A.displayWidth,l.height=A.displayHeight):(l.width=A.width,l.height=A.height),l}this.allocateTextureUnit=Tt,this.resetTextureUnits=Q,this.getTextureUnits=j,this.setTextureUnits=yt,this.setTexture2D=et,this.setTexture2DArray=ht,this.setTexture3D=vt,this.setTextureCube=ot,this.rebindTextures=Tn,this.setupRenderTarget=En,this.updateRenderTargetMipmap=F,this.updateMultisampleRenderTarget=ye,this.setupDepthRenderbuffer=wn,this.setupFrameBufferTexture=Se,this.useMultisampledRTT=pt,this.dispose=G}function Hy(i,t){function e(n,s=_i){let r,a=qt.getTransfer(s);if(n===we)return i.UNSIGNED_BYTE;if(n===vo)return i.UNSIGNED_SHORT_4_4_4_4;if(n===_o)return i.UNSIGNED_SHORT_5_5_5_1;if(n===bc)return i.UNSIGNED_INT_5_9_9_9_REV;if(n===Mc)return i.UNSIGNED_INT_10F_11F_11F_REV;if(n===_c)return i.BYTE;if(n===Sc)return i.SHORT;if(n===ki)return i.UNSIGNED_SHORT;if(n===yo)return i.INT;if(n===Ht)return i.UNSIGNED_INT;if(n===yn)return i.FLOAT;if(n===Gn)return i.HALF_FLOAT;if(n===wc)return i.ALPHA;if(n===Tc)return i.RGB;if(n===Ae)return i.RGBA;if(n===mi)return i.DEPTH_COMPONENT;if(n===vi)return i.DEPTH_STENCIL;if(n===Ec)return i.RED;if(n===So)return i.RED_INTEGER;if(n===Hi)return i.RG;if(n===ti)return i.RG_INTEGER;if(n===te)return i.RGBA_INTEGER;if(n===zr||n===Br||n===kr||n===Hr)if(a===ae)if(r=t.get("WEBGL_compressed_texture_s3tc_srgb"),r!==null){if(n===zr)return r.COMPRESSED_SRGB_S3TC_DXT1_EXT;if(n===Br)return r.COMPRESSED_SRGB_ALPHA_S3TC_DXT1_EXT;if(n===kr)return r.COMPRESSED_SRGB_ALPHA_S3TC_DXT3_EXT;if(n===Hr)return r.COMPRESSED_SRGB_ALPHA_S3TC_DXT5_EXT}else return null;else if(r=t.get("WEBGL_compressed_texture_s3tc"),r!==null){if(n===zr)return r.COMPRESSED_RGB_S3TC_DXT1_EXT;if(n===Br)return r.COMPRESSED_RGBA_S3TC_DXT1_EXT;if(n===kr)return r.COMPRESSED_RGBA_S3TC_DXT3_EXT;if(n===Hr)return r.COMPRESSED_RGBA_S3TC_DXT5_EXT}else return null;if(n===bo||n===Mo||n===wo||n===To)if(r=t.get("WEBGL_compressed_texture_pvrtc"),r!==null){if(n===bo)return r.COMPRESSED_RGB_PVRTC_4BPPV1_IMG;if(n===Mo)return r.COMPRESSED_RGB_PVRTC_2BPPV1_IMG;if(n===wo)return r.COMPRESSED_RGBA_PVRTC_4BPPV1_IMG;if(n===To)return r.COMPRESSED_RGBA_PVRTC_2BPPV1_IMG}else return null;if(n===Eo||n===Ao||n===Ro||n===Co||n===Io||n===Vr||n===Po)if(r=t.get("WEBGL_compressed_texture_etc"),r!==null){if(n===Eo||n===Ao)return a===ae?r.COMPRESSED_SRGB8_ETC2:r.COMPRESSED_RGB8_ETC2;if(n===Ro)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ETC2_EAC:r.COMPRESSED_RGBA8_ETC2_EAC;if(n===Co)return r.COMPRESSED_R11_EAC;if(n===Io)return r.COMPRESSED_SIGNED_R11_EAC;if(n===Vr)return r.COMPRESSED_RG11_EAC;if(n===Po)return r.COMPRESSED_SIGNED_RG11_EAC}else return null;if(n===Do||n===Lo||n===Fo||n===No||n===Uo||n===Oo||n===zo||n===Bo||n===ko||n===Ho||n===Vo||n===Go||n===$o||n===Wo)if(r=t.get("WEBGL_compressed_texture_astc"),r!==null){if(n===Do)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_4x4_KHR:r.COMPRESSED_RGBA_ASTC_4x4_KHR;if(n===Lo)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_5x4_KHR:r.COMPRESSED_RGBA_ASTC_5x4_KHR;if(n===Fo)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_5x5_KHR:r.COMPRESSED_RGBA_ASTC_5x5_KHR;if(n===No)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_6x5_KHR:r.COMPRESSED_RGBA_ASTC_6x5_KHR;if(n===Uo)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_6x6_KHR:r.COMPRESSED_RGBA_ASTC_6x6_KHR;if(n===Oo)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_8x5_KHR:r.COMPRESSED_RGBA_ASTC_8x5_KHR;if(n===zo)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_8x6_KHR:r.COMPRESSED_RGBA_ASTC_8x6_KHR;if(n===Bo)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_8x8_KHR:r.COMPRESSED_RGBA_ASTC_8x8_KHR;if(n===ko)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_10x5_KHR:r.COMPRESSED_RGBA_ASTC_10x5_KHR;if(n===Ho)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_10x6_KHR:r.COMPRESSED_RGBA_ASTC_10x6_KHR;if(n===Vo)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_10x8_KHR:r.COMPRESSED_RGBA_ASTC_10x8_KHR;if(n===Go)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_10x10_KHR:r.COMPRESSED_RGBA_ASTC_10x10_KHR;if(n===$o)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_12x10_KHR:r.COMPRESSED_RGBA_ASTC_12x10_KHR;if(n===Wo)return a===ae?r.COMPRESSED_SRGB8_ALPHA8_ASTC_12x12_KHR:r.COMPRESSED_RGBA_ASTC_12x12_KHR}else return null;if(n===qo||n===Xo||n===Yo)if(r=t.get("EXT_texture_compression_bptc"),r!==null){if(n===qo)return a===ae?r.COMPRESSED_SRGB_ALPHA_BPTC_UNORM_EXT:r.COMPRESSED_RGBA_BPTC_UNORM_EXT;if(n===Xo)return r.COMPRESSED_RGB_BPTC_SIGNED_FLOAT_EXT;if(n===Yo)return r.COMPRESSED_RGB_BPTC_UNSIGNED_FLOAT_EXT}else return null;if(n===Ko||n===Zo||n===Gr||n===Qo)if(r=t.get("EXT_texture_compression_rgtc"),r!==null){if(n===Ko)return r.COMPRESSED_RED_RGTC1_EXT;if(n===Zo)return r.COMPRESSED_SIGNED_RED_RGTC1_EXT;if(n===Gr)return r.COMPRESSED_RED_GREEN_RGTC2_EXT;if(n===Qo)return r.COMPRESSED_SIGNED_RED_GREEN_RGTC2_EXT}else return null;return n===os?i.UNSIGNED_INT_24_8:i[n]!==void 0?i[n]:null}return{convert:e}}var Vy=`
void main() {

	gl_Position = vec4( position, 1.0 );

}`,Gy=`
uniform sampler2DArray depthColor;
uniform float depthWidth;
uniform float depthHeight;

void main() {

	vec2 coord = vec2( gl_FragCoord.x / depthWidth, gl_FragCoord.y / depthHeight );

	if ( coord.x >= 1.0 ) {

		gl_FragDepth = texture( depthColor, vec3( coord.x - 1.0, coord.y, 1 ) ).r;

	} else {

		gl_FragDepth = texture( depthColor, vec3( coord.x, coord.y, 0 ) ).r;

	}

}`,$c=class{constructor(){this.texture=null,this.mesh=null,this.depthNear=0,this.depthFar=0}init(t,e){if(this.texture===null){let n=new Cr(t.texture);(t.depthNear!==e.depthNear||t.depthFar!==e.depthFar)&&(this.depthNear=t.depthNear,this.depthFar=t.depthFar),this.texture=n}}getMesh(t){if(this.texture!==null&&this.mesh===null){let e=t.cameras[0].viewport,n=new Pn({vertexShader:Vy,fragmentShader:Gy,uniforms:{depthColor:{value:this.texture},depthWidth:{value:e.z},depthHeight:{value:e.w}}});this.mesh=new rn(new Ir(20,20),n)}return this.mesh}reset(){this.texture=null,this.mesh=null}getDepthTexture(){return this.texture}},Wc=class extends Jn{constructor(t,e){super();let n=this,s=null,r=1,a=null,o="local-floor",c=1,l=null,u=null,h=null,d=null,m=null,g=null,v=typeof XRWebGLBinding<"u",f=new $c,p={},y=e.getContextAttributes(),M=null,b=null,w=[],E=[],x=new Wt,T=null,N=null,P=new qe;P.viewport=new Qt;let D=new qe;D.viewport=new Qt;let U=[P,D],$=new po,I=null,G=null;this.cameraAutoUpdate=!0,this.enabled=!1,this.isPresenting=!1,this.getController=function(W){let et=w[W];return et===void 0&&(et=new Ds,w[W]=et),et.getTargetRaySpace()},this.getControllerGrip=function(W){let et=w[W];return et===void 0&&(et=new Ds,w[W]=et),et.getGripSpace()},this.getHand=function(W){let et=w[W];return et===void 0&&(et=new Ds,w[W]=et),et.getHandSpace()};function q(W){let et=E.indexOf(W.inputSource);if(et===-1)return;let ht=w[et];ht!==void 0&&(ht.update(W.inputSource,W.frame,l||a),ht.dispatchEvent({type:W.type,data:W.inputSource}))}function k(){s.removeEventListener("select",q),s.removeEventListener("selectstart",q),s.removeEventListener("selectend",q),s.removeEventListener("squeeze",q),s.removeEventListener("squeezestart",q),s.removeEventListener("squeezeend",q),s.removeEventListener("end",k),s.removeEventListener("inputsourceschange",tt);for(let W=0;W<w.length;W++){let et=E[W];et!==null&&(E[W]=null,w[W].disconnect(et))}I=null,G=null,f.reset();for(let W in p)delete p[W];if(t.setRenderTarget(M),m=null,d=null,h=null,s=null,b=null,Tt.stop(),n.isPresenting=!1,t.setPixelRatio(T),t.setSize(x.width,x.height,!1),N!==null){let W=N.camera;W.fov=N.fov,W.zoom=N.zoom,W.updateProjectionMatrix(),N=null}n.dispatchEvent({type:"sessionend"})}this.setFramebufferScaleFactor=function(W){r=W,n.isPresenting===!0&&Dt("WebXRManager: Cannot change framebuffer scale while presenting.")},this.setReferenceSpaceType=function(W){o=W,n.isPresenting===!0&&Dt("WebXRManager: Cannot change reference space type while presenting.")},this.getReferenceSpace=function(){return l||a},this.setReferenceSpace=function(W){l=W},this.getBaseLayer=function(){return d!==null?d:m},this.getBinding=function(){return h===null&&v&&(h=new XRWebGLBinding(s,e)),h},this.getFrame=function(){return g},this.getSession=function(){return s},this.setSession=async function(W){if(s=W,s!==null){if(M=t.getRenderTarget(),s.addEventListener("select",q),s.addEventListener("selectstart",q),s.addEventListener("selectend",q),s.addEventListener("squeeze",q),s.addEventListener("squeezestart",q),s.addEventListener("squeezeend",q),s.addEventListener("end",k),s.addEventListener("inputsourceschange",tt),y.xrCompatible!==!0&&await e.makeXRCompatible(),T=t.getPixelRatio(),t.getSize(x),v&&"createProjectionLayer"in XRWebGLBinding.prototype){let ht=null,vt=null,ot=null;y.depth&&(ot=y.stencil?e.DEPTH24_STENCIL8:e.DEPTH_COMPONENT24,ht=y.stencil?vi:mi,vt=y.stencil?os:Ht);let Ct={colorFormat:e.RGBA8,depthFormat:ot,scaleFactor:r};h=this.getBinding(),d=h.createProjectionLayer(Ct),s.updateRenderState({layers:[d]}),t.setPixelRatio(1),t.setSize(d.textureWidth,d.textureHeight,!1),b=new Xe(d.textureWidth,d.textureHeight,{format:Ae,type:we,depthTexture:new gi(d.textureWidth,d.textureHeight,vt,void 0,void 0,void 0,void 0,void 0,void 0,ht),stencilBuffer:y.stencil,colorSpace:t.outputColorSpace,samples:y.antialias?4:0,resolveDepthBuffer:d.ignoreDepthValues===!1,resolveStencilBuffer:d.ignoreDepthValues===!1,storeMultisampledDepthBuffer:d.ignoreDepthValues===!1,storeMultisampledStencilBuffer:d.ignoreDepthValues===!1})}else{let ht={antialias:y.antialias,alpha:!0,depth:y.depth,stencil:y.stencil,framebufferScaleFactor:r};m=new XRWebGLLayer(s,e,ht),s.updateRenderState({baseLayer:m}),t.setPixelRatio(1),t.setSize(m.framebufferWidth,m.framebufferHeight,!1),b=new Xe(m.framebufferWidth,m.framebufferHeight,{format:Ae,type:we,colorSpace:t.outputColorSpace,stencilBuffer:y.stencil,resolveDepthBuffer:m.ignoreDepthValues===!1,resolveStencilBuffer:m.ignoreDepthValues===!1,storeMultisampledDepthBuffer:m.ignoreDepthValues===!1,storeMultisampledStencilBuffer:m.ignoreDepthValues===!1})}b.isXRRenderTarget=!0,this.setFoveation(c),l=null,a=await s.requestReferenceSpace(o),Tt.setContext(s),Tt.start(),n.isPresenting=!0,n.dispatchEvent({type:"sessionstart"})}},this.getEnvironmentBlendMode=function(){if(s!==null)return s.environmentBlendMode},this.getDepthTexture=function(){return f.getDepthTexture()};function tt(W){for(let et=0;et<W.removed.length;et++){let ht=W.removed[et],vt=E.indexOf(ht);vt>=0&&(E[vt]=null,w[vt].disconnect(ht))}for(let et=0;et<W.added.length;et++){let ht=W.added[et],vt=E.indexOf(ht);if(vt===-1){for(let Ct=0;Ct<w.length;Ct++)if(Ct>=E.length){E.push(ht),vt=Ct;break}else if(E[Ct]===null){E[Ct]=ht,vt=Ct;break}if(vt===-1)break}let ot=w[vt];ot&&ot.connect(ht)}}function H(W,et){et===null?W.matrixWorld.copy(W.matrix):W.matrixWorld.multiplyMatrices(et.matrixWorld,W.matrix),W.matrixWorldInverse.copy(W.matrixWorld).invert()}this.updateCamera=function(W){if(s===null)return;let et=W.near,ht=W.far;f.texture!==null&&(f.depthNear>0&&(et=f.depthNear),f.depthFar>0&&(ht=f.depthFar)),$.near=D.near=P.near=et,$.far=D.far=P.far=ht,(I!==$.near||G!==$.far)&&(s.updateRenderState({depthNear:$.near,depthFar:$.far}),I=$.near,G=$.far),$.layers.mask=W.layers.mask|6,P.layers.mask=$.layers.mask&-5,D.layers.mask=$.layers.mask&-3;let vt=W.parent,ot=$.cameras;H($,vt);for(let Ct=0;Ct<ot.length;Ct++)H(ot[Ct],vt);$.projectionMatrix.copy(P.projectionMatrix),$.projectionMatrixInverse.copy(P.projectionMatrixInverse),N===null&&W.isPerspectiveCamera&&(N={camera:W,fov:W.fov,zoom:W.zoom}),Q(W,$,vt)};function Q(W,et,ht){ht===null?W.matrix.copy(et.matrixWorld):(W.matrix.copy(ht.matrixWorld),W.matrix.invert(),W.matrix.multiply(et.matrixWorld)),W.matrix.decompose(W.position,W.quaternion,W.scale),W.updateMatrixWorld(!0),W.projectionMatrix.copy(et.projectionMatrix),W.projectionMatrixInverse.copy(et.projectionMatrixInverse),W.isPerspectiveCamera&&(W.fov=Ka*2*Math.atan(1/W.projectionMatrix.elements[5]),W.zoom=1)}this.getCamera=function(){return $},this.getFoveation=function(){if(!(d===null&&m===null))return c},this.setFoveation=function(W){c=W,d!==null&&(d.fixedFoveation=W),m!==null&&m.fixedFoveation!==void 0&&(m.fixedFoveation=W)},this.hasDepthSensing=function(){return f.texture!==null},this.getDepthSensingMesh=function(){return f.getMesh($)},this.getCameraTexture=function(W){return p[W]};let j=null;function yt(W,et){if(u=et.getViewerPose(l||a),g=et,u!==null){let ht=u.views;m!==null&&(t.setRenderTargetFramebuffer(b,m.framebuffer),t.setRenderTarget(b));let vt=!1;ht.length!==$.cameras.length&&($.cameras.length=0,vt=!0);for(let Et=0;Et<ht.length;Et++){let Ft=ht[Et],$t=null;if(m!==null)$t=m.getViewport(Ft);else{let Ge=h.getViewSubImage(d,Ft);$t=Ge.viewport,Et===0&&(t.setRenderTargetTextures(b,Ge.colorTexture,Ge.depthStencilTexture),t.setRenderTarget(b))}let Xt=U[Et];Xt===void 0&&(Xt=new qe,Xt.layers.enable(Et),Xt.viewport=new Qt,U[Et]=Xt),Xt.matrix.fromArray(Ft.transform.matrix),Xt.matrix.decompose(Xt.position,Xt.quaternion,Xt.scale),Xt.projectionMatrix.fromArray(Ft.projectionMatrix),Xt.projectionMatrixInverse.copy(Xt.projectionMatrix).invert(),Xt.viewport.set($t.x,$t.y,$t.width,$t.height),Et===0&&($.matrix.copy(Xt.matrix),$.matrix.decompose($.position,$.quaternion,$.scale)),vt===!0&&$.cameras.push(Xt)}let ot=s.enabledFeatures;if(ot&&ot.includes("depth-sensing")&&s.depthUsage=="gpu-optimized"&&v){h=n.getBinding();let Et=h.getDepthInformation(ht[0]);Et&&Et.isValid&&Et.texture&&f.init(Et,s.renderState)}if(ot&&ot.includes("camera-access")&&v){t.state.unbindTexture(),h=n.getBinding();for(let Et=0;Et<ht.length;Et++){let Ft=ht[Et].camera;if(Ft){let $t=p[Ft];$t||($t=new Cr,p[Ft]=$t);let Xt=h.getCameraImage(Ft);$t.sourceTexture=Xt}}}}for(let ht=0;ht<w.length;ht++){let vt=E[ht],ot=w[ht];vt!==null&&ot!==void 0&&ot.update(vt,et,l||a)}j&&j(W,et),et.detectedPlanes&&n.dispatchEvent({type:"planesdetected",data:et}),g=null}let Tt=new sf;Tt.setAnimationLoop(yt),this.setAnimationLoop=function(W){j=W},this.dispose=function(){}}},$y=new ie,pf=new It;pf.set(-1,0,0,0,1,0,0,0,1);function Wy(i,t){function e(f,p){f.matrixAutoUpdate===!0&&f.updateMatrix(),p.value.copy(f.matrix)}function n(f,p){p.color.getRGB(f.fogColor.value,Dc(i)),p.isFog?(f.fogNear.value=p.near,f.fogFar.value=p.far):p.isFogExp2&&(f.fogDensity.value=p.density)}function s(f,p,y,M,b){p.isNodeMaterial?p.uniformsNeedUpdate=!1:p.isMeshBasicMaterial?r(f,p):p.isMeshLambertMaterial?(r(f,p),p.envMap&&(f.envMapIntensity.value=p.envMapIntensity)):p.isMeshToonMaterial?(r(f,p),h(f,p)):p.isMeshPhongMaterial?(r(f,p),u(f,p),p.envMap&&(f.envMapIntensity.value=p.envMapIntensity)):p.isMeshStandardMaterial?(r(f,p),d(f,p),p.isMeshPhysicalMaterial&&m(f,p,b)):p.isMeshMatcapMaterial?(r(f,p),g(f,p)):p.isMeshDepthMaterial?r(f,p):p.isMeshDistanceMaterial?(r(f,p),v(f,p)):p.isMeshNormalMaterial?r(f,p):p.isLineBasicMaterial?(a(f,p),p.isLineDashedMaterial&&o(f,p)):p.isPointsMaterial?c(f,p,y,M):p.isSpriteMaterial?l(f,p):p.isShadowMaterial?(f.color.value.copy(p.color),f.opacity.value=p.opacity):p.isShaderMaterial&&(p.uniformsNeedUpdate=!1)}function r(f,p){f.opacity.value=p.opacity,p.color&&f.diffuse.value.copy(p.color),p.emissive&&f.emissive.value.copy(p.emissive).multiplyScalar(p.emissiveIntensity),p.map&&(f.map.value=p.map,e(p.map,f.mapTransform)),p.alphaMap&&(f.alphaMap.value=p.alphaMap,e(p.alphaMap,f.alphaMapTransform)),p.bumpMap&&(f.bumpMap.value=p.bumpMap,e(p.bumpMap,f.bumpMapTransform),f.bumpScale.value=p.bumpScale,p.side===an&&(f.bumpScale.value*=-1)),p.normalMap&&(f.normalMap.value=p.normalMap,e(p.normalMap,f.normalMapTransform),f.normalScale.value.copy(p.normalScale),p.side===an&&f.normalScale.value.negate()),p.displacementMap&&(f.displacementMap.value=p.displacementMap,e(p.displacementMap,f.displacementMapTransform),f.displacementScale.value=p.displacementScale,f.displacementBias.value=p.displacementBias),p.emissiveMap&&(f.emissiveMap.value=p.emissiveMap,e(p.emissiveMap,f.emissiveMapTransform)),p.specularMap&&(f.specularMap.value=p.specularMap,e(p.specularMap,f.specularMapTransform)),p.alphaTest>0&&(f.alphaTest.value=p.alphaTest);let y=t.get(p),M=y.envMap,b=y.envMapRotation;M&&(f.envMap.value=M,f.envMapRotation.value.setFromMatrix4($y.makeRotationFromEuler(b)).transpose(),M.isCubeTexture&&M.isRenderTargetTexture===!1&&f.envMapRotation.value.premultiply(pf),f.reflectivity.value=p.reflectivity,f.ior.value=p.ior,f.refractionRatio.value=p.refractionRatio),p.lightMap&&(f.lightMap.value=p.lightMap,f.lightMapIntensity.value=p.lightMapIntensity,e(p.lightMap,f.lightMapTransform)),p.aoMap&&(f.aoMap.value=p.aoMap,f.aoMapIntensity.value=p.aoMapIntensity,e(p.aoMap,f.aoMapTransform))}function a(f,p){f.diffuse.value.copy(p.color),f.opacity.value=p.opacity,p.map&&(f.map.value=p.map,e(p.map,f.mapTransform))}function o(f,p){f.dashSize.value=p.dashSize,f.totalSize.value=p.dashSize+p.gapSize,f.scale.value=p.scale}function c(f,p,y,M){f.diffuse.value.copy(p.color),f.opacity.value=p.opacity,f.size.value=p.size*y,f.scale.value=M*.5,p.map&&(f.map.value=p.map,e(p.map,f.uvTransform)),p.alphaMap&&(f.alphaMap.value=p.alphaMap,e(p.alphaMap,f.alphaMapTransform)),p.alphaTest>0&&(f.alphaTest.value=p.alphaTest)}function l(f,p){f.diffuse.value.copy(p.color),f.opacity.value=p.opacity,f.rotation.value=p.rotation,p.map&&(f.map.value=p.map,e(p.map,f.mapTransform)),p.alphaMap&&(f.alphaMap.value=p.alphaMap,e(p.alphaMap,f.alphaMapTransform)),p.alphaTest>0&&(f.alphaTest.value=p.alphaTest)}function u(f,p){f.specular.value.copy(p.specular),f.shininess.value=Math.max(p.shininess,1e-4)}function h(f,p){p.gradientMap&&(f.gradientMap.value=p.gradientMap)}function d(f,p){f.metalness.value=p.metalness,p.metalnessMap&&(f.metalnessMap.value=p.metalnessMap,e(p.metalnessMap,f.metalnessMapTransform)),f.roughness.value=p.roughness,p.roughnessMap&&(f.roughnessMap.value=p.roughnessMap,e(p.roughnessMap,f.roughnessMapTransform)),p.envMap&&(f.envMapIntensity.value=p.envMapIntensity)}function m(f,p,y){f.ior.value=p.ior,p.diffuseRoughness>0&&(f.diffuseRoughness.value=p.diffuseRoughness,p.diffuseRoughnessMap&&(f.diffuseRoughnessMap.value=p.diffuseRoughnessMap,e(p.diffuseRoughnessMap,f.diffuseRoughnessMapTransform))),p.sheen>0&&(f.sheenColor.value.copy(p.sheenColor).multiplyScalar(p.sheen),f.sheenRoughness.value=p.sheenRoughness,p.sheenColorMap&&(f.sheenColorMap.value=p.sheenColorMap,e(p.sheenColorMap,f.sheenColorMapTransform)),p.sheenRoughnessMap&&(f.sheenRoughnessMap.value=p.sheenRoughnessMap,e(p.sheenRoughnessMap,f.sheenRoughnessMapTransform))),p.clearcoat>0&&(f.clearcoat.value=p.clearcoat,f.clearcoatRoughness.value=p.clearcoatRoughness,p.clearcoatMap&&(f.clearcoatMap.value=p.clearcoatMap,e(p.clearcoatMap,f.clearcoatMapTransform)),p.clearcoatRoughnessMap&&(f.clearcoatRoughnessMap.value=p.clearcoatRoughnessMap,e(p.clearcoatRoughnessMap,f.clearcoatRoughnessMapTransform)),p.clearcoatNormalMap&&(f.clearcoatNormalMap.value=p.clearcoatNormalMap,e(p.clearcoatNormalMap,f.clearcoatNormalMapTransform),f.clearcoatNormalScale.value.copy(p.clearcoatNormalScale),p.side===an&&f.clearcoatNormalScale.value.negate())),p.dispersion>0&&(f.dispersion.value=p.dispersion),p.retroreflectivity>0&&(f.retroreflectivity.value=p.retroreflectivity),p.iridescence>0&&(f.iridescence.value=p.iridescence,f.iridescenceIOR.value=p.iridescenceIOR,f.iridescenceThicknessMinimum.value=p.iridescenceThicknessMinimum,f.iridescenceThicknessMaximum.value=p.iridescenceThicknessMaximum,p.iridescenceMap&&(f.iridescenceMap.value=p.iridescenceMap,e(p.iridescenceMap,f.iridescenceMapTransform)),p.iridescenceThicknessMap&&(f.iridescenceThicknessMap.value=p.iridescenceThicknessMap,e(p.iridescenceThicknessMap,f.iridescenceThicknessMapTransform))),p.transmission>0&&(f.transmission.value=p.transmission,f.transmissionSamplerMap.value=y.texture,f.transmissionSamplerSize.value.set(y.width,y.height),p.transmissionMap&&(f.transmissionMap.value=p.transmissionMap,e(p.transmissionMap,f.transmissionMapTransform)),f.thickness.value=p.thickness,p.thicknessMap&&(f.thicknessMap.value=p.thicknessMap,e(p.thicknessMap,f.thicknessMapTransform)),f.attenuationDistance.value=p.attenuationDistance,f.attenuationColor.value.copy(p.attenuationColor)),p.anisotropy>0&&(f.anisotropyVector.value.set(p.anisotropy*Math.cos(p.anisotropyRotation),p.anisotropy*Math.sin(p.anisotropyRotation)),p.anisotropyMap&&(f.anisotropyMap.value=p.anisotropyMap,e(p.anisotropyMap,f.anisotropyMapTransform))),f.specularIntensity.value=p.specularIntensity,f.specularColor.value.copy(p.specularColor),p.specularColorMap&&(f.specularColorMap.value=p.specularColorMap,e(p.specularColorMap,f.specularColorMapTransform)),p.specularIntensityMap&&(f.specularIntensityMap.value=p.specularIntensityMap,e(p.specularIntensityMap,f.specularIntensityMapTransform))}function g(f,p){p.matcap&&(f.matcap.value=p.matcap)}function v(f,p){let y=t.get(p).light;f.referencePosition.value.setFromMatrixPosition(y.matrixWorld),f.nearDistance.value=y.shadow.camera.near,f.farDistance.value=y.shadow.camera.far}return{refreshFogUniforms:n,refreshMaterialUniforms:s}}function qy(i,t,e,n){let s={},r={};function a(y,M){let b=M.program;n.uniformBlockBinding(y,b,s[y.id])}function o(y,M){let b=s[y.id];b===void 0&&(g(y),b=c(y),s[y.id]=b,y.addEventListener("dispose",f));let w=M.program;n.updateUBOMapping(y,w);let E=t.render.frame;r[y.id]!==E&&(l(y),r[y.id]=E)}function c(y){let M=i.createBuffer(),b=y.__size,w=y.usage;return i.bindBuffer(i.UNIFORM_BUFFER,M),i.bufferData(i.UNIFORM_BUFFER,b,w),i.bindBuffer(i.UNIFORM_BUFFER,null),M}function l(y){let M=s[y.id],b=y.uniforms,w=y.__cache;i.bindBuffer(i.UNIFORM_BUFFER,M);for(let E=0,x=b.length;E<x;E++){let T=b[E];if(Array.isArray(T))for(let N=0,P=T.length;N<P;N++)u(T[N],E,N,w);else u(T,E,0,w)}i.bindBuffer(i.UNIFORM_BUFFER,null)}function u(y,M,b,w){if(d(y,M,b,w)===!0){let E=y.__offset,x=y.value;if(Array.isArray(x)){let T=0;for(let N=0;N<x.length;N++){let P=x[N],D=v(P,!0);h(P,y.__data,T),T+=D.storage/Float32Array.BYTES_PER_ELEMENT}}else h(x,y.__data,0);i.bufferSubData(i.UNIFORM_BUFFER,E,y.__data)}}function h(y,M,b){typeof y=="number"||typeof y=="boolean"?M[b]=y:y.isMatrix3?(M[b]=y.elements[0],M[b+1]=y.elements[1],M[b+2]=y.elements[2],M[b+3]=0,M[b+4]=y.elements[3],M[b+5]=y.elements[4],M[b+6]=y.elements[5],M[b+7]=0,M[b+8]=y.elements[6],M[b+9]=y.elements[7],M[b+10]=y.elements[8],M[b+11]=0):ArrayBuffer.isView(y)?M.set(y.subarray(0,M.length-b),b):y.toArray(M,b)}function d(y,M,b,w){let E=y.value,x=M+"_"+b;if(Array.isArray(E)){w[x]===void 0&&(w[x]=[]);let T=w[x],N=!1;for(let P=0;P<E.length;P++)m(E[P],T,P)===!0&&(N=!0);return N}return m(E,w,x)}function m(y,M,b){if(M[b]===void 0)return typeof y=="number"||typeof y=="boolean"?M[b]=y:ArrayBuffer.isView(y)?M[b]=y.slice():M[b]=y.clone(),!0;{let w=M[b];if(typeof y=="number"||typeof y=="boolean"){if(w!==y)return M[b]=y,!0}else{if(ArrayBuffer.isView(y))return!0;if(w.equals(y)===!1)return w.copy(y),!0}}return!1}function g(y){let M=y.uniforms,b=0,w=16;for(let x=0,T=M.length;x<T;x++){let N=Array.isArray(M[x])?M[x]:[M[x]];for(let P=0,D=N.length;P<D;P++){let U=N[P],$=Array.isArray(U.value)?U.value:[U.value],I=Array.isArray(M[x])||Array.isArray(U.value),G=b;for(let k=0,tt=$.length;k<tt;k++){let H=$[k],Q=v(H,I),j=b%w,yt=j%Q.boundary,Tt=j+yt;b+=yt,Tt!==0&&w-Tt<Q.storage&&(b+=w-Tt),k===0&&(G=b),b+=Q.storage}let q=U.type==="int"?Int32Array:U.type==="uint"?Uint32Array:Float32Array;U.__data=new q((b-G)/Float32Array.BYTES_PER_ELEMENT),U.__offset=G}}let E=b%w;return E>0&&(b+=w-E),y.__size=b,y.__cache={},this}function v(y,M){let b={boundary:0,storage:0};return typeof y=="number"||typeof y=="boolean"?(b.boundary=4,b.storage=4):y.isVector2?(b.boundary=8,b.storage=8):y.isVector3||y.isColor?(b.boundary=16,b.storage=12):y.isVector4?(b.boundary=16,b.storage=16):y.isMatrix3?(b.boundary=16,b.storage=48):y.isMatrix4?(b.boundary=16,b.storage=64):y.isTexture?Dt("WebGLRenderer: Texture samplers can not be part of an uniforms group."):ArrayBuffer.isView(y)?(b.boundary=16,b.storage=y.byteLength):Dt("WebGLRenderer: Unsupported uniform value type.",y),M===!0&&(b.boundary=16,b.storage=Math.ceil(b.storage/16)*16),b}function f(y){let M=y.target;M.removeEventListener("dispose",f),i.deleteBuffer(s[M.id]),delete s[M.id],delete r[M.id]}function p(){for(let y in s)i.deleteBuffer(s[y]);s={},r={}}return{bind:a,update:o,dispose:p}}var Xy=new Uint16Array([12469,15057,12620,14925,13266,14620,13807,14376,14323,13990,14545,13625,14713,13328,14840,12882,14931,12528,14996,12233,15039,11829,15066,11525,15080,11295,15085,10976,15082,10705,15073,10495,13880,14564,13898,14542,13977,14430,14158,14124,14393,13732,14556,13410,14702,12996,14814,12596,14891,12291,14937,11834,14957,11489,14958,11194,14943,10803,14921,10506,14893,10278,14858,9960,14484,14039,14487,14025,14499,13941,14524,13740,14574,13468,14654,13106,14743,12678,14818,12344,14867,11893,14889,11509,14893,11180,14881,10751,14852,10428,14812,10128,14765,9754,14712,9466,14764,13480,14764,13475,14766,13440,14766,13347,14769,13070,14786,12713,14816,12387,14844,11957,14860,11549,14868,11215,14855,10751,14825,10403,14782,10044,14729,9651,14666,9352,14599,9029,14967,12835,14966,12831,14963,12804,14954,12723,14936,12564,14917,12347,14900,11958,14886,11569,14878,11247,14859,10765,14828,10401,14784,10011,14727,9600,14660,9289,14586,8893,14508,8533,15111,12234,15110,12234,15104,12216,15092,12156,15067,12010,15028,11776,14981,11500,14942,11205,14902,10752,14861,10393,14812,9991,14752,9570,14682,9252,14603,8808,14519,8445,14431,8145,15209,11449,15208,11451,15202,11451,15190,11438,15163,11384,15117,11274,15055,10979,14994,10648,14932,10343,14871,9936,14803,9532,14729,9218,14645,8742,14556,8381,14461,8020,14365,7603,15273,10603,15272,10607,15267,10619,15256,10631,15231,10614,15182,10535,15118,10389,15042,10167,14963,9787,14883,9447,14800,9115,14710,8665,14615,8318,14514,7911,14411,7507,14279,7198,15314,9675,15313,9683,15309,9712,15298,9759,15277,9797,15229,9773,15166,9668,15084,9487,14995,9274,14898,8910,14800,8539,14697,8234,14590,7790,14479,7409,14367,7067,14178,6621,15337,8619,15337,8631,15333,8677,15325,8769,15305,8871,15264,8940,15202,8909,15119,8775,15022,8565,14916,8328,14804,8009,14688,7614,14569,7287,14448,6888,14321,6483,14088,6171,15350,7402,15350,7419,15347,7480,15340,7613,15322,7804,15287,7973,15229,8057,15148,8012,15046,7846,14933,7611,14810,7357,14682,7069,14552,6656,14421,6316,14251,5948,14007,5528,15356,5942,15356,5977,15353,6119,15348,6294,15332,6551,15302,6824,15249,7044,15171,7122,15070,7050,14949,6861,14818,6611,14679,6349,14538,6067,14398,5651,14189,5311,13935,4958,15359,4123,15359,4153,15356,4296,15353,4646,15338,5160,15311,5508,15263,5829,15188,6042,15088,6094,14966,6001,14826,5796,14678,5543,14527,5287,14377,4985,14133,4586,13869,4257,15360,1563,15360,1642,15358,2076,15354,2636,15341,3350,15317,4019,15273,4429,15203,4732,15105,4911,14981,4932,14836,4818,14679,4621,14517,4386,14359,4156,14083,3795,13808,3437,15360,122,15360,137,15358,285,15355,636,15344,1274,15322,2177,15281,2765,15215,3223,15120,3451,14995,3569,14846,3567,14681,3466,14511,3305,14344,3121,14037,2800,13753,2467,15360,0,15360,1,15359,21,15355,89,15346,253,15325,479,15287,796,15225,1148,15133,1492,15008,1749,14856,1882,14685,1886,14506,1783,14324,1608,13996,1398,13702,1183]),ei=null;function Yy(){return ei===null&&(ei=new gn(Xy,16,16,Hi,Gn),ei.name="DFG_LUT",ei.minFilter=ke,ei.magFilter=ke,ei.wrapS=Qn,ei.wrapT=Qn,ei.generateMipmaps=!1,ei.needsUpdate=!0),ei}var el=class{constructor(t={}){let{canvas:e=Ad(),context:n=null,depth:s=!0,stencil:r=!1,alpha:a=!1,antialias:o=!1,premultipliedAlpha:c=!0,preserveDrawingBuffer:l=!1,powerPreference:u="default",failIfMajorPerformanceCaveat:h=!1,reversedDepthBuffer:d=!1,outputBufferType:m=we}=t;this.isWebGLRenderer=!0;let g;if(n!==null){if(typeof WebGLRenderingContext<"u"&&n instanceof WebGLRenderingContext)throw new Error("THREE.WebGLRenderer: WebGL 1 is not supported since r163.");g=n.getContextAttributes().alpha}else g=a;let v=m,f=new Set([te,ti,So]),p=new Set([we,Ht,ki,os,vo,_o]),y=new Uint32Array(4),M=new Int32Array(4),b={textures:[],min:[],max:[],resolution:[]},w=null,E=null,x=[],T=[],N=null;this.domElement=e,this.debug={checkShaderErrors:!0,diagnostics:{keywords:!1},onShaderError:null},this.autoClear=!0,this.autoClearColor=!0,this.autoClearDepth=!0,this.autoClearStencil=!0,this.sortObjects=!0,this.clippingPlanes=[],this.localClippingEnabled=!1,this.toneMapping=jn,this.toneMappingExposure=1,this.transmissionResolutionScale=1;let P=this,D=!1,U=null,$=null,I=null,G=null;this._outputColorSpace=We;let q=0,k=0,tt=null,H=-1,Q=null,j=new Qt,yt=new Qt,Tt=null,W=new Ot(0),et=0,ht=e.width,vt=e.height,ot=1,Ct=null,le=null,Et=new Qt(0,0,ht,vt),Ft=new Qt(0,0,ht,vt),$t=!1,Xt=new es,Ge=new eo,Re=!1,ln=!1,Se=new ie,Kn=new C,Ue=new Qt,wn={background:null,fog:null,environment:null,overrideMaterial:null,isScene:!0},Tn=!1;function En(){return tt===null?ot:1}let F=n;function An(S,L){return e.getContext(S,L)}let ye,ve,pt,Ce,Pt,Ut,A,_,z,nt,J,rt,dt,Y,K,lt,R,Z,X,ct,st,at,At;try{let S={alpha:!0,depth:s,stencil:r,antialias:o,premultipliedAlpha:c,preserveDrawingBuffer:l,powerPreference:u,failIfMajorPerformanceCaveat:h};if("setAttribute"in e&&e.setAttribute("data-engine",`three.js r${"187"}`),e.addEventListener("webglcontextlost",Rt,!1),e.addEventListener("webglcontextrestored",kt,!1),e.addEventListener("webglcontextcreationerror",mt,!1),F===null){let L="webgl2";if(F=An(L,S),F===null)throw An(L)?new Error("THREE.WebGLRenderer: Error creating WebGL context with your selected attributes."):new Error("THREE.WebGLRenderer: Error creating WebGL context.")}Vt()}catch(S){throw e.removeEventListener("webglcontextlost",Rt,!1),e.removeEventListener("webglcontextrestored",kt,!1),e.removeEventListener("webglcontextcreationerror",mt,!1),Lt("WebGLRenderer: "+S.message),S}function Vt(){ye=new r0(F),ye.init(),st=new Hy(F,ye),ve=new Yx(F,ye,t,st),pt=new By(F,ye),ve.reversedDepthBuffer&&d&&pt.buffers.depth.setReversed(!0),$=F.createFramebuffer(),I=F.createFramebuffer(),G=F.createFramebuffer(),Ce=new l0(F),Pt=new Ty,Ut=new ky(F,ye,pt,Pt,ve,st,Ce),A=new s0(P),_=new um(F),at=new qx(F,_),z=new a0(F,_,Ce,at),nt=new u0(F,z,_,at,Ce),Z=new c0(F,ve,Ut),K=new Kx(Pt),J=new wy(P,A,ye,ve,at,K),rt=new Wy(P,Pt),dt=new Ay,Y=new Ly(ye),R=new Wx(P,A,pt,nt,g,c),lt=new zy(P,nt,ve),At=new qy(F,Ce,ve,pt),X=new Xx(F,ye,Ce),ct=new o0(F,ye,Ce),Ce.programs=J.programs,P.capabilities=ve,P.extensions=ye,P.properties=Pt,P.renderLists=dt,P.shadowMap=lt,P.state=pt,P.info=Ce}v!==we&&(N=new d0(v,e.width,e.height,o,s,r));let it=new Wc(P,F);this.xr=it,this.getContext=function(){return F},this.getContextAttributes=function(){return F.getContextAttributes()},this.forceContextLoss=function(){let S=ye.get("WEBGL_lose_context");S&&S.loseContext()},this.forceContextRestore=function(){let S=ye.get("WEBGL_lose_context");S&&S.restoreContext()},this.getPixelRatio=function(){return ot},this.setPixelRatio=function(S){S!==void 0&&(ot=S,this.setSize(ht,vt,!1))},this.getSize=function(S){return S.set(ht,vt)},this.setSize=function(S,L,V=!0){if(it.isPresenting){Dt("WebGLRenderer: Can't change size while VR device is presenting.");return}ht=S,vt=L,e.width=Math.floor(S*ot),e.height=Math.floor(L*ot),V===!0&&(e.style.width=S+"px",e.style.height=L+"px"),N!==null&&N.setSize(e.width,e.height),this.setViewport(0,0,S,L)},this.getDrawingBufferSize=function(S){return S.set(ht*ot,vt*ot).floor()},this.setDrawingBufferSize=function(S,L,V){ht=S,vt=L,ot=V,e.width=Math.floor(S*V),e.height=Math.floor(L*V),this.setViewport(0,0,S,L)},this.setEffects=function(S){if(v===we){Lt("WebGLRenderer: setEffects() requires outputBufferType set to HalfFloatType or FloatType.");return}if(S){for(let L=0;L<S.length;L++)if(S[L].isOutputPass===!0){Dt("WebGLRenderer: OutputPass is not needed in setEffects(). Tone mapping and color space conversion are applied automatically.");break}}N.setEffects(S||[])},this.getCurrentViewport=function(S){return S.copy(j)},this.getViewport=function(S){return S.copy(Et)},this.setViewport=function(S,L,V,O){S.isVector4?Et.set(S.x,S.y,S.z,S.w):Et.set(S,L,V,O),pt.viewport(j.copy(Et).multiplyScalar(En()).round())},this.getScissor=function(S){return S.copy(Ft)},this.setScissor=function(S,L,V,O){S.isVector4?Ft.set(S.x,S.y,S.z,S.w):Ft.set(S,L,V,O),pt.scissor(yt.copy(Ft).multiplyScalar(En()).round())},this.getScissorTest=function(){return $t},this.setScissorTest=function(S){pt.setScissorTest($t=S)},this.setOpaqueSort=function(S){Ct=S},this.setTransparentSort=function(S){le=S},this.getClearColor=function(S){return S.copy(R.getClearColor())},this.setClearColor=function(){R.setClearColor(...arguments)},this.getClearAlpha=function(){return R.getClearAlpha()},this.setClearAlpha=function(){R.setClearAlpha(...arguments)},this.clear=function(S=!0,L=!0,V=!0){let O=0;if(S){let B=!1;if(tt!==null){let ft=tt.texture.format;B=f.has(ft)}if(B){let ft=tt.texture.type,St=p.has(ft),ut=R.getClearColor(),xt=R.getClearAlpha(),wt=ut.r,zt=ut.g,Yt=ut.b;St?(y[0]=wt,y[1]=zt,y[2]=Yt,y[3]=xt,F.clearBufferuiv(F.COLOR,0,y)):(M[0]=wt,M[1]=zt,M[2]=Yt,M[3]=xt,F.clearBufferiv(F.COLOR,0,M))}else O|=F.COLOR_BUFFER_BIT}L&&(O|=F.DEPTH_BUFFER_BIT,this.state.buffers.depth.setMask(!0)),V&&(O|=F.STENCIL_BUFFER_BIT,this.state.buffers.stencil.setMask(4294967295)),O!==0&&F.clear(O)},this.clearColor=function(){this.clear(!0,!1,!1)},this.clearDepth=function(){this.clear(!1,!0,!1)},this.clearStencil=function(){this.clear(!1,!1,!0)},this.setNodesHandler=function(S){S.setRenderer(this),U=S},this.dispose=function(){e.removeEventListener("webglcontextlost",Rt,!1),e.removeEventListener("webglcontextrestored",kt,!1),e.removeEventListener("webglcontextcreationerror",mt,!1),R.dispose(),dt.dispose(),Y.dispose(),Ut.dispose(),Pt.dispose(),A.dispose(),nt.dispose(),z.dispose(),at.dispose(),At.dispose(),J.dispose(),it.dispose(),it.removeEventListener("sessionstart",gh),it.removeEventListener("sessionend",xh),Wi.stop()};function Rt(S){S.preventDefault(),Ic("WebGLRenderer: Context Lost."),D=!0}function kt(){Ic("WebGLRenderer: Context Restored."),D=!1;let S=Ce.autoReset,L=lt.enabled,V=lt.autoUpdate,O=lt.needsUpdate,B=lt.type;Vt(),Ce.autoReset=S,lt.enabled=L,lt.autoUpdate=V,lt.needsUpdate=O,lt.type=B}function mt(S){Lt("WebGLRenderer: A WebGL context could not be created. Reason: ",S.statusMessage)}function ce(S){let L=S.target;L.removeEventListener("dispose",ce),Oe(L)}function Oe(S){Ti(S),Pt.remove(S)}function Ti(S){let L=Pt.get(S).programs;L!==void 0&&(L.forEach(function(V){J.releaseProgram(V)}),S.isShaderMaterial&&J.releaseShaderCache(S))}this.renderBufferDirect=function(S,L,V,O,B,ft){L===null&&(L=wn);let St=B.isMesh&&B.matrixWorld.determinantAffine()<0,ut=bp(S,L,V,O,B);pt.setMaterial(O,St);let xt=V.index,wt=1;if(O.wireframe===!0){if(xt=z.getWireframeAttribute(V),xt===void 0)return;wt=2}let zt=V.drawRange,Yt=V.attributes.position,bt=zt.start*wt,Kt=(zt.start+zt.count)*wt;ft!==null&&(bt=Math.max(bt,ft.start*wt),Kt=Math.min(Kt,(ft.start+ft.count)*wt)),xt!==null?(bt=Math.max(bt,0),Kt=Math.min(Kt,xt.count)):Yt!=null&&(bt=Math.max(bt,0),Kt=Math.min(Kt,Yt.count));let Te=Kt-bt;if(Te<0||Te===1/0)return;at.setup(B,O,ut,V,xt);let de,he=X;if(xt!==null&&(de=_.get(xt),he=ct,he.setIndex(de)),B.isMesh)O.wireframe===!0?(pt.setLineWidth(O.wireframeLinewidth*En()),he.setMode(F.LINES)):he.setMode(F.TRIANGLES);else if(B.isLine){let Ke=O.linewidth;Ke===void 0&&(Ke=1),pt.setLineWidth(Ke*En()),B.isLineSegments?he.setMode(F.LINES):B.isLineLoop?he.setMode(F.LINE_LOOP):he.setMode(F.LINE_STRIP)}else B.isPoints?he.setMode(F.POINTS):B.isSprite&&he.setMode(F.TRIANGLES);if(B.isBatchedMesh)if(ye.get("WEBGL_multi_draw"))he.renderMultiDraw(B._multiDrawStarts,B._multiDrawCounts,B._multiDrawCount);else{let Ke=B._multiDrawStarts,Mt=B._multiDrawCounts,nn=B._multiDrawCount,ne=xt?_.get(xt).bytesPerElement:1,qi=Pt.get(O).currentProgram.getUniforms();for(let Ze=0;Ze<nn;Ze++)qi.setValue(F,"_gl_DrawID",Ze),he.render(Ke[Ze]/ne,Mt[Ze])}else if(B.isInstancedMesh)he.renderInstances(bt,Te,B.count);else if(V.isInstancedBufferGeometry){let Ke=V._maxInstanceCount!==void 0?V._maxInstanceCount:1/0,Mt=Math.min(V.instanceCount,Ke);he.renderInstances(bt,Te,Mt)}else he.render(bt,Te)};function mh(S,L,V,O){U!==null&&S.isNodeMaterial&&U.setObject(O,S),Re===!0&&K.setState(S,V,!1),S.transparent===!0&&S.side===Dn&&S.forceSinglePass===!1?(S.side=an,S.needsUpdate=!0,fr(S,L,O),S.side=Bi,S.needsUpdate=!0,fr(S,L,O),S.side=Dn):fr(S,L,O)}this.compile=function(S,L,V=null){V===null&&(V=S),U!==null&&U.renderStart(S,L,V),E=Y.get(V),E.init(L),T.push(E),V.traverseVisible(function(B){B.isLight&&B.layers.test(L.layers)&&(E.pushLight(B),B.castShadow&&E.pushShadow(B))}),S!==V&&S.traverseVisible(function(B){B.isLight&&B.layers.test(L.layers)&&(E.pushLight(B),B.castShadow&&E.pushShadow(B))}),E.setupLights(),U!==null&&U.updateLights(E.state.lightsArray),ln=this.localClippingEnabled,Re=K.init(this.clippingPlanes,ln),Re===!0&&K.setGlobalState(this.clippingPlanes,L),U!==null&&lt.render(E.state.shadowsArray,V,L);let O=new Set;return S.traverse(function(B){if(!(B.isMesh||B.isPoints||B.isLine||B.isSprite))return;let ft=B.material;if(ft)if(Array.isArray(ft))for(let St=0;St<ft.length;St++){let ut=ft[St];mh(ut,V,L,B),O.add(ut)}else mh(ft,V,L,B),O.add(ft)}),E=T.pop(),U!==null&&U.renderEnd(),O},this.compileAsync=function(S,L,V=null){let O=this.compile(S,L,V);return new Promise(B=>{function ft(){if(O.forEach(function(St){let xt=Pt.get(St).currentProgram;(xt===void 0||xt.isReady())&&O.delete(St)}),O.size===0){B(S);return}setTimeout(ft,10)}ye.get("KHR_parallel_shader_compile")!==null?ft():setTimeout(ft,10)})};let Rl=null;function _p(S){Rl&&Rl(S)}function gh(){Wi.stop()}function xh(){Wi.start()}let Wi=new sf;Wi.setAnimationLoop(_p),typeof self<"u"&&Wi.setContext(self),this.setAnimationLoop=function(S){Rl=S,it.setAnimationLoop(S),S===null?Wi.stop():Wi.start()},it.addEventListener("sessionstart",gh),it.addEventListener("sessionend",xh),this.render=function(S,L){if(L!==void 0&&L.isCamera!==!0){Lt("WebGLRenderer.render: camera is not an instance of THREE.Camera.");return}if(D===!0)return;U!==null&&U.renderStart(S,L);let V=it.enabled===!0&&it.isPresenting===!0,O=N!==null&&(tt===null||V)&&N.begin(P,tt);if(S.matrixWorldAutoUpdate===!0&&S.updateMatrixWorld(),L.parent===null&&L.matrixWorldAutoUpdate===!0&&L.updateMatrixWorld(),it.enabled===!0&&it.isPresenting===!0&&(N===null||N.isCompositing()===!1)&&(it.cameraAutoUpdate===!0&&it.updateCamera(L),L=it.getCamera()),S.isScene===!0&&S.onBeforeRender(P,S,L,tt),E=Y.get(S,T.length),E.init(L),E.state.textureUnits=Ut.getTextureUnits(),T.push(E),Se.multiplyMatrices(L.projectionMatrix,L.matrixWorldInverse),L.isArrayCamera?Ge.setFromArrayCamera(L):Xt.setFromProjectionMatrix(Se,Cn,L.reversedDepth),ln=this.localClippingEnabled,Re=K.init(this.clippingPlanes,ln),w=dt.get(S,x.length),w.init(),x.push(w),this.info.render.frame++,it.enabled===!0&&it.isPresenting===!0){let St=P.xr.getDepthSensingMesh();St!==null&&Cl(St,L,-1/0,P.sortObjects)}Cl(S,L,0,P.sortObjects),w.finish(),U!==null&&U.updateLights(E.state.lightsArray),P.sortObjects===!0&&w.sort(Ct,le),Tn=it.enabled===!1||it.isPresenting===!1||it.hasDepthSensing()===!1,Tn&&R.addToRenderList(w,S),this.info.autoReset===!0&&this.info.reset(),Re===!0&&K.beginShadows();let B=E.state.shadowsArray;if(lt.render(B,S,L),Re===!0&&K.endShadows(),(O&&N.hasRenderPass())===!1){let St=w.opaque,ut=w.transmissive;if(E.setupLights(),L.isArrayCamera){let xt=L.cameras;if(ut.length>0)for(let wt=0,zt=xt.length;wt<zt;wt++){let Yt=xt[wt];vh(St,ut,S,Yt)}Tn&&R.render(S);for(let wt=0,zt=xt.length;wt<zt;wt++){let Yt=xt[wt];yh(w,S,Yt,Yt.viewport)}}else ut.length>0&&vh(St,ut,S,L),Tn&&R.render(S),yh(w,S,L)}tt!==null&&k===0&&(Ut.updateMultisampleRenderTarget(tt),Ut.updateRenderTargetMipmap(tt)),O&&N.end(P),S.isScene===!0&&S.onAfterRender(P,S,L),at.resetDefaultState(),H=-1,Q=null,T.pop(),T.length>0?(E=T[T.length-1],Ut.setTextureUnits(E.state.textureUnits),Re===!0&&K.setGlobalState(P.clippingPlanes,E.state.camera)):E=null,x.pop(),x.length>0?w=x[x.length-1]:w=null,U!==null&&U.renderEnd()};function Cl(S,L,V,O){if(S.visible===!1)return;if(S.layers.test(L.layers)){if(S.isGroup)V=S.renderOrder;else if(S.isLOD)S.autoUpdate===!0&&S.update(L);else if(S.isLight)E.pushLight(S),S.castShadow&&E.pushShadow(S);else if(S.isSprite){let St=L.isArrayCamera?Ge:Xt;if(!S.frustumCulled||S.intersectsFrustum(St)){O&&Ue.setFromMatrixPosition(S.matrixWorld).applyMatrix4(Se);let ut=nt.update(S),xt=S.material;xt.visible&&w.push(S,ut,xt,V,Ue.z,null,L)}}else if(S.isMesh||S.isLine||S.isPoints){let St=L.isArrayCamera?Ge:Xt;if(!S.frustumCulled||S.intersectsFrustum(St)){let ut=nt.update(S),xt=S.material;if(O&&(S.boundingSphere!==void 0?(S.boundingSphere===null&&S.computeBoundingSphere(),Ue.copy(S.boundingSphere.center)):(ut.boundingSphere===null&&ut.computeBoundingSphere(),Ue.copy(ut.boundingSphere.center)),Ue.applyMatrix4(S.matrixWorld).applyMatrix4(Se)),Array.isArray(xt)){let wt=ut.groups;for(let zt=0,Yt=wt.length;zt<Yt;zt++){let bt=wt[zt],Kt=xt[bt.materialIndex];Kt&&Kt.visible&&w.push(S,ut,Kt,V,Ue.z,bt,L)}}else xt.visible&&w.push(S,ut,xt,V,Ue.z,null,L)}}}let ft=S.children;for(let St=0,ut=ft.length;St<ut;St++)Cl(ft[St],L,V,O)}function yh(S,L,V,O){let{opaque:B,transmissive:ft,transparent:St}=S;E.setupLightsView(V),Re===!0&&K.setGlobalState(P.clippingPlanes,V),O&&pt.viewport(j.copy(O)),B.length>0&&ma(B,L,V),ft.length>0&&ma(ft,L,V),St.length>0&&ma(St,L,V),pt.buffers.depth.setTest(!0),pt.buffers.depth.setMask(!0),pt.buffers.color.setMask(!0),pt.setPolygonOffset(!1)}function vh(S,L,V,O){if((V.isScene===!0?V.overrideMaterial:null)!==null)return;if(E.state.transmissionRenderTarget[O.id]===void 0){let bt=ye.has("EXT_color_buffer_half_float")||ye.has("EXT_color_buffer_float");E.state.transmissionRenderTarget[O.id]=new Xe(1,1,{generateMipmaps:!0,type:bt?Gn:we,minFilter:yi,samples:Math.max(4,ve.samples),stencilBuffer:r,resolveDepthBuffer:!1,resolveStencilBuffer:!1,storeMultisampledDepthBuffer:!1,storeMultisampledStencilBuffer:!1,colorSpace:qt.workingColorSpace})}let ft=E.state.transmissionRenderTarget[O.id],St=O.viewport||j;ft.setSize(St.z*P.transmissionResolutionScale,St.w*P.transmissionResolutionScale);let ut=P.getRenderTarget(),xt=P.getActiveCubeFace(),wt=P.getActiveMipmapLevel();P.setRenderTarget(ft),P.getClearColor(W),et=P.getClearAlpha(),et<1&&P.setClearColor(16777215,.5),P.clear(),Tn&&R.render(V);let zt=P.toneMapping;P.toneMapping=jn;let Yt=O.viewport;if(O.viewport!==void 0&&(O.viewport=void 0),E.setupLightsView(O),Re===!0&&K.setGlobalState(P.clippingPlanes,O),ma(S,V,O),Ut.updateMultisampleRenderTarget(ft),Ut.updateRenderTargetMipmap(ft),ye.has("WEBGL_multisampled_render_to_texture")===!1){let bt=!1;for(let Kt=0,Te=L.length;Kt<Te;Kt++){let de=L[Kt],{object:he,geometry:Ke,material:Mt,group:nn}=de;if(Mt.side===Dn&&he.layers.test(O.layers)){let ne=Mt.side;Mt.side=an,Mt.needsUpdate=!0,_h(he,V,O,Ke,Mt,nn),Mt.side=ne,Mt.needsUpdate=!0,bt=!0}}bt===!0&&(Ut.updateMultisampleRenderTarget(ft),Ut.updateRenderTargetMipmap(ft))}P.setRenderTarget(ut,xt,wt),P.setClearColor(W,et),Yt!==void 0&&(O.viewport=Yt),P.toneMapping=zt}function ma(S,L,V){let O=L.isScene===!0?L.overrideMaterial:null;for(let B=0,ft=S.length;B<ft;B++){let St=S[B],{object:ut,geometry:xt,group:wt}=St,zt=St.material;zt.allowOverride===!0&&O!==null&&(zt=O),ut.layers.test(V.layers)&&_h(ut,L,V,xt,zt,wt)}}function _h(S,L,V,O,B,ft){U!==null&&B.isNodeMaterial&&U.setObject(S,B),S.onBeforeRender(P,L,V,O,B,ft),S.modelViewMatrix.multiplyMatrices(V.matrixWorldInverse,S.matrixWorld),S.normalMatrix.getNormalMatrix(S.modelViewMatrix),B.onBeforeRender(P,L,V,O,S,ft),B.transparent===!0&&B.side===Dn&&B.forceSinglePass===!1?(B.side=an,B.needsUpdate=!0,P.renderBufferDirect(V,L,O,B,S,ft),B.side=Bi,B.needsUpdate=!0,P.renderBufferDirect(V,L,O,B,S,ft),B.side=Dn):P.renderBufferDirect(V,L,O,B,S,ft),S.onAfterRender(P,L,V,O,B,ft)}function Sh(S){let L=0;for(let V of S)V.texture!==null&&L++;return L}function fr(S,L,V){L.isScene!==!0&&(L=wn);let O=Pt.get(S),B=E.state.lights,ft=E.state.shadowsArray,St=B.state.version,ut=J.getParameters(S,B.state,ft,L,V,E.state.lightProbeGridArray),xt=J.getProgramCacheKey(ut),wt=O.programs;O.environment=S.isMeshStandardMaterial||S.isMeshLambertMaterial||S.isMeshPhongMaterial?L.environment:null,O.fog=L.fog;let zt=S.isMeshStandardMaterial||S.isMeshLambertMaterial&&!S.envMap||S.isMeshPhongMaterial&&!S.envMap;O.envMap=A.get(S.envMap||O.environment,zt),O.envMapRotation=O.environment!==null&&S.envMap===null?L.environmentRotation:S.envMapRotation,wt===void 0&&(S.addEventListener("dispose",ce),wt=new Map,O.programs=wt,O.programVariants=new Map);let Yt=wt.get(xt);if(Yt!==void 0){if(O.currentProgram===Yt&&O.lightsStateVersion===St)return Mh(S,ut),Yt}else ut.uniforms=J.getUniforms(S),U!==null&&S.isNodeMaterial&&U.build(S,V,ut),S.onBeforeCompile(ut,P),Yt=J.acquireProgram(ut,xt),wt.set(xt,Yt),O.uniforms=ut.uniforms;let bt=O.uniforms;return(!S.isShaderMaterial&&!S.isRawShaderMaterial||S.clipping===!0)&&(bt.clippingPlanes=K.uniform),Mh(S,ut),O.needsLights=wp(S),O.lightsStateVersion=St,O.needsLights&&(bt.ambientLightColor.value=B.state.ambient,bt.lightProbe.value=B.state.probe,bt.sunLights.value=B.state.sun,bt.sunLightShadows.value=B.state.sunShadow,bt.directionalLights.value=B.state.directional,bt.directionalLightShadows.value=B.state.directionalShadow,bt.spotLights.value=B.state.spot,bt.spotLightShadows.value=B.state.spotShadow,bt.rectAreaLights.value=B.state.rectArea,bt.ltc_1.value=B.state.rectAreaLTC1,bt.ltc_2.value=B.state.rectAreaLTC2,bt.pointLights.value=B.state.point,bt.pointLightShadows.value=B.state.pointShadow,bt.hemisphereLights.value=B.state.hemi,bt.sunShadowMatrix.value=B.state.sunShadowMatrix,bt.sunShadowCascade.value=B.state.sunShadowCascade,bt.directionalShadowMatrix.value=B.state.directionalShadowMatrix,bt.spotLightMatrix.value=B.state.spotLightMatrix,bt.spotLightMap.value=B.state.spotLightMap,bt.pointShadowMatrix.value=B.state.pointShadowMatrix),O.numLightProbeGrids=Sh(E.state.lightProbeGridArray),O.currentProgram=Yt,O.uniformsList=null,Yt}function Sp(S,L,V,O,B){let ft=Pt.get(S),St=ft.currentProgram.id+","+O+","+B,ut=ft.programVariants.get(St);return ut===void 0?(ut=fr(S,L,V),ft.programVariants.set(St,ut)):(ft.currentProgram=ut,ft.uniformsList=null,ft.outputColorSpace=O,ft.toneMapping=B),ut}function bh(S){if(S.uniformsList===null){let L=S.currentProgram.getUniforms();S.uniformsList=ks.seqWithValue(L.seq,S.uniforms)}return S.uniformsList}function Mh(S,L){let V=Pt.get(S);V.outputColorSpace=L.outputColorSpace,V.batching=L.batching,V.batchingColor=L.batchingColor,V.instancing=L.instancing,V.instancingColor=L.instancingColor,V.instancingMorph=L.instancingMorph,V.skinning=L.skinning,V.morphTargets=L.morphTargets,V.morphNormals=L.morphNormals,V.morphColors=L.morphColors,V.morphTargetsCount=L.morphTargetsCount,V.numClippingPlanes=L.numClippingPlanes,V.numIntersection=L.numClipIntersection,V.vertexAlphas=L.vertexAlphas,V.vertexTangents=L.vertexTangents,V.toneMapping=L.toneMapping}function bp(S,L,V,O,B){L.isScene!==!0&&(L=wn),Ut.resetTextureUnits();let ft=L.fog,St=O.isMeshStandardMaterial||O.isMeshLambertMaterial||O.isMeshPhongMaterial?L.environment:null,ut=tt===null?P.outputColorSpace:tt.isXRRenderTarget===!0?tt.texture.colorSpace:qt.workingColorSpace,xt=O.isMeshStandardMaterial||O.isMeshLambertMaterial&&!O.envMap||O.isMeshPhongMaterial&&!O.envMap,wt=A.get(O.envMap||St,xt),zt=O.vertexColors===!0&&!!V.attributes.color&&V.attributes.color.itemSize===4,Yt=!!V.attributes.tangent&&(!!O.normalMap||O.anisotropy>0),bt=!!V.morphAttributes.position,Kt=!!V.morphAttributes.normal,Te=!!V.morphAttributes.color,de=jn;O.toneMapped&&(tt===null||tt.isXRRenderTarget===!0)&&(de=P.toneMapping);let he=V.morphAttributes.position||V.morphAttributes.normal||V.morphAttributes.color,Ke=he!==void 0?he.length:0,Mt=Pt.get(O),nn=E.state.lights;if(Re===!0&&(ln===!0||S!==Q)){let be=S===Q&&O.id===H;K.setState(O,S,be)}let ne=!1,qi=!1;O.version===Mt.__version?Mt.needsLights&&Mt.lightsStateVersion!==nn.state.version||B.isBatchedMesh&&Mt.batching===!1||!B.isBatchedMesh&&Mt.batching===!0||B.isBatchedMesh&&Mt.batchingColor===!0&&B._colorsTexture===null||B.isBatchedMesh&&Mt.batchingColor===!1&&B._colorsTexture!==null||B.isInstancedMesh&&Mt.instancing===!1||!B.isInstancedMesh&&Mt.instancing===!0||B.isSkinnedMesh&&Mt.skinning===!1||!B.isSkinnedMesh&&Mt.skinning===!0||B.isInstancedMesh&&Mt.instancingColor===!0&&B.instanceColor===null||B.isInstancedMesh&&Mt.instancingColor===!1&&B.instanceColor!==null||B.isInstancedMesh&&Mt.instancingMorph===!0&&B.morphTexture===null||B.isInstancedMesh&&Mt.instancingMorph===!1&&B.morphTexture!==null||Mt.envMap!==wt||O.fog===!0&&Mt.fog!==ft||Mt.numClippingPlanes!==void 0&&(Mt.numClippingPlanes!==K.numPlanes||Mt.numIntersection!==K.numIntersection)||Mt.vertexAlphas!==zt||Mt.vertexTangents!==Yt||Mt.morphTargets!==bt||Mt.morphNormals!==Kt||Mt.morphColors!==Te||Mt.morphTargetsCount!==Ke||Mt.numLightProbeGrids!==Sh(E.state.lightProbeGridArray)?ne=!0:(Mt.outputColorSpace!==ut||Mt.toneMapping!==de)&&(qi=!0):(ne=!0,Mt.__version=O.version);let Ze=Mt.currentProgram;(ne===!0||qi===!0)&&(Ze=qi===!0?Sp(O,L,B,ut,de):fr(O,L,B),U&&O.isNodeMaterial&&U.onUpdateProgram(O,Ze,Mt));let ga=!1,Ei=!1,Xi=!1,jt=Ze.getUniforms(),$e=Mt.uniforms;if(pt.useProgram(Ze.program)&&(ga=!0,Ei=!0,Xi=!0),O.id!==H&&(H=O.id,Ei=!0),ga||Q!==S){pt.buffers.depth.getReversed()&&S.reversedDepth!==!0&&(S._reversedDepth=!0,S.updateProjectionMatrix()),jt.setValue(F,"projectionMatrix",S.projectionMatrix),jt.setValue(F,"viewMatrix",S.matrixWorldInverse);let ze=jt.map.cameraPosition;ze!==void 0&&ze.setValue(F,Kn.setFromMatrixPosition(S.matrixWorld)),ve.logarithmicDepthBuffer&&jt.setValue(F,"logDepthBufFC",2/(Math.log(S.far+1)/Math.LN2)),(O.isMeshPhongMaterial||O.isMeshToonMaterial||O.isMeshLambertMaterial||O.isMeshBasicMaterial||O.isMeshStandardMaterial||O.isShaderMaterial)&&jt.setValue(F,"isOrthographic",S.isOrthographicCamera===!0),Q!==S&&(Q=S,Ei=!0,Xi=!0)}if(Mt.needsLights&&(nn.state.sunShadowMap.length>0&&jt.setValue(F,"sunShadowMap",nn.state.sunShadowMap,Ut),nn.state.directionalShadowMap.length>0&&jt.setValue(F,"directionalShadowMap",nn.state.directionalShadowMap,Ut),nn.state.spotShadowMap.length>0&&jt.setValue(F,"spotShadowMap",nn.state.spotShadowMap,Ut),nn.state.pointShadowMap.length>0&&jt.setValue(F,"pointShadowMap",nn.state.pointShadowMap,Ut)),B.isSkinnedMesh){jt.setOptional(F,B,"bindMatrix"),jt.setOptional(F,B,"bindMatrixInverse");let be=B.skeleton;be&&(be.boneTexture===null&&be.computeBoneTexture(),jt.setValue(F,"boneTexture",be.boneTexture,Ut))}B.isBatchedMesh&&(jt.setOptional(F,B,"batchingTexture"),jt.setValue(F,"batchingTexture",B._matricesTexture,Ut),jt.setOptional(F,B,"batchingIdTexture"),jt.setValue(F,"batchingIdTexture",B._indirectTexture,Ut),jt.setOptional(F,B,"batchingColorTexture"),B._colorsTexture!==null&&jt.setValue(F,"batchingColorTexture",B._colorsTexture,Ut));let On=V.morphAttributes;if((On.position!==void 0||On.normal!==void 0||On.color!==void 0)&&Z.update(B,V,Ze),(Ei||Mt.receiveShadow!==B.receiveShadow)&&(Mt.receiveShadow=B.receiveShadow,jt.setValue(F,"receiveShadow",B.receiveShadow)),(O.isMeshStandardMaterial||O.isMeshLambertMaterial||O.isMeshPhongMaterial)&&O.envMap===null&&L.environment!==null&&($e.envMapIntensity.value=L.environmentIntensity),$e.dfgLUT!==void 0&&($e.dfgLUT.value=Yy()),Ei){if(jt.setValue(F,"toneMappingExposure",P.toneMappingExposure),Mt.needsLights&&Mp($e,Xi),ft&&O.fog===!0&&rt.refreshFogUniforms($e,ft),rt.refreshMaterialUniforms($e,O,ot,vt,E.state.transmissionRenderTarget[S.id]),Mt.needsLights&&Mt.numLightProbeGrids>0){let be=b,ze=0;for(let oi of E.state.lightProbeGridArray)oi.texture!==null&&(be.textures[ze]=oi.texture,be.min[ze]=oi.boundingBox.min,be.max[ze]=oi.boundingBox.max,be.resolution[ze]=oi.resolution,ze++);for(let oi in be)be[oi].length=ze;$e.probesSH.value=be.textures,$e.probesMin.value=be.min,$e.probesMax.value=be.max,$e.probesResolution.value=be.resolution}ks.upload(F,bh(Mt),$e,Ut)}if(O.isShaderMaterial&&O.uniformsNeedUpdate===!0&&(ks.upload(F,bh(Mt),$e,Ut),O.uniformsNeedUpdate=!1),O.isSpriteMaterial&&jt.setValue(F,"center",B.center),jt.setValue(F,"modelViewMatrix",B.modelViewMatrix),jt.setValue(F,"normalMatrix",B.normalMatrix),jt.setValue(F,"modelMatrix",B.matrixWorld),O.uniformsGroups!==void 0){let be=O.uniformsGroups;for(let ze=0,oi=be.length;ze<oi;ze++){let Th=be[ze];At.update(Th,Ze),At.bind(Th,Ze)}}return Ze}function Mp(S,L){S.ambientLightColor.needsUpdate=L,S.lightProbe.needsUpdate=L,S.sunLights.needsUpdate=L,S.sunLightShadows.needsUpdate=L,S.directionalLights.needsUpdate=L,S.directionalLightShadows.needsUpdate=L,S.pointLights.needsUpdate=L,S.pointLightShadows.needsUpdate=L,S.spotLights.needsUpdate=L,S.spotLightShadows.needsUpdate=L,S.rectAreaLights.needsUpdate=L,S.hemisphereLights.needsUpdate=L}function wp(S){return S.isMeshLambertMaterial||S.isMeshToonMaterial||S.isMeshPhongMaterial||S.isMeshStandardMaterial||S.isShadowMaterial||S.isShaderMaterial&&S.lights===!0}this.getActiveCubeFace=function(){return q},this.getActiveMipmapLevel=function(){return k},this.getRenderTarget=function(){return tt},this.setRenderTargetTextures=function(S,L,V){let O=Pt.get(S);O.__autoAllocateDepthBuffer=S.resolveDepthBuffer===!1,O.__autoAllocateDepthBuffer===!1&&(O.__useRenderToTexture=!1),Pt.get(S.texture).__webglTexture=L,Pt.get(S.depthTexture).__webglTexture=O.__autoAllocateDepthBuffer?void 0:V,O.__hasExternalTextures=!0},this.setRenderTargetFramebuffer=function(S,L){let V=Pt.get(S);V.__webglFramebuffer=L,V.__useDefaultFramebuffer=L===void 0},this.setRenderTarget=function(S,L=0,V=0){tt=S,q=L,k=V;let O=null,B=!1,ft=!1;if(S){let ut=Pt.get(S);if(ut.__useDefaultFramebuffer!==void 0){pt.bindFramebuffer(F.FRAMEBUFFER,ut.__webglFramebuffer),j.copy(S.viewport),yt.copy(S.scissor),Tt=S.scissorTest,pt.viewport(j),pt.scissor(yt),pt.setScissorTest(Tt),H=-1;return}else if(ut.__webglFramebuffer===void 0)Ut.setupRenderTarget(S);else if(ut.__hasExternalTextures)Ut.rebindTextures(S,Pt.get(S.texture).__webglTexture,Pt.get(S.depthTexture).__webglTexture);else if(S.depthBuffer){let zt=S.depthTexture;if(ut.__boundDepthTexture!==zt){if(zt!==null&&Pt.has(zt)&&(S.width!==zt.image.width||S.height!==zt.image.height))throw new Error("THREE.WebGLRenderer: Attached DepthTexture is initialized to the incorrect size.");Ut.setupDepthRenderbuffer(S)}}let xt=S.texture;(xt.isData3DTexture||xt.isDataArrayTexture||xt.isCompressedArrayTexture)&&(ft=!0);let wt=Pt.get(S).__webglFramebuffer;S.isWebGLCubeRenderTarget?(Array.isArray(wt[L])?O=wt[L][V]:O=wt[L],B=!0):S.samples>0&&Ut.useMultisampledRTT(S)===!1?O=Pt.get(S).__webglMultisampledFramebuffer:Array.isArray(wt)?O=wt[V]:O=wt,j.copy(S.viewport),yt.copy(S.scissor),Tt=S.scissorTest}else j.copy(Et).multiplyScalar(ot).floor(),yt.copy(Ft).multiplyScalar(ot).floor(),Tt=$t;if(V!==0&&(O=$),pt.bindFramebuffer(F.FRAMEBUFFER,O)&&pt.drawBuffers(S,O),pt.viewport(j),pt.scissor(yt),pt.setScissorTest(Tt),B){let ut=Pt.get(S.texture);F.framebufferTexture2D(F.FRAMEBUFFER,F.COLOR_ATTACHMENT0,F.TEXTURE_CUBE_MAP_POSITIVE_X+L,ut.__webglTexture,V)}else if(ft){let ut=L;for(let xt=0;xt<S.textures.length;xt++){let wt=Pt.get(S.textures[xt]);F.framebufferTextureLayer(F.FRAMEBUFFER,F.COLOR_ATTACHMENT0+xt,wt.__webglTexture,V,ut)}}else if(S!==null&&V!==0){let ut=Pt.get(S.texture);F.framebufferTexture2D(F.FRAMEBUFFER,F.COLOR_ATTACHMENT0,F.TEXTURE_2D,ut.__webglTexture,V)}H=-1};function wh(S){let L=Pt.get(S);return(L.__readFormat!==S.format||L.__readType!==S.type)&&(L.__readFormat=S.format,L.__readType=S.type,L.__formatReadable=ve.textureFormatReadable(S.format),L.__typeReadable=ve.textureTypeReadable(S.type)),L}this.readRenderTargetPixels=function(S,L,V,O,B,ft,St,ut=0){if(!(S&&S.isWebGLRenderTarget)){Lt("WebGLRenderer.readRenderTargetPixels: renderTarget is not THREE.WebGLRenderTarget.");return}let xt=Pt.get(S).__webglFramebuffer;if(S.isWebGLCubeRenderTarget&&St!==void 0&&(xt=xt[St],Array.isArray(xt)&&(xt=xt[0])),xt){pt.bindFramebuffer(F.FRAMEBUFFER,xt);try{let wt=S.textures[ut],zt=wt.format,Yt=wt.type;S.textures.length>1&&F.readBuffer(F.COLOR_ATTACHMENT0+ut);let bt=wh(wt);if(bt.__formatReadable===!1){Lt("WebGLRenderer.readRenderTargetPixels: renderTarget is not in RGBA or implementation defined format.");return}if(bt.__typeReadable===!1){Lt("WebGLRenderer.readRenderTargetPixels: renderTarget is not in UnsignedByteType or implementation defined type.");return}L>=0&&L<=S.width-O&&V>=0&&V<=S.height-B&&F.readPixels(L,V,O,B,st.convert(zt),st.convert(Yt),ft)}finally{let wt=tt!==null?Pt.get(tt).__webglFramebuffer:null;pt.bindFramebuffer(F.FRAMEBUFFER,wt)}}},this.readRenderTargetPixelsAsync=async function(S,L,V,O,B,ft,St,ut=0){if(!(S&&S.isWebGLRenderTarget))throw new Error("THREE.WebGLRenderer.readRenderTargetPixels: renderTarget is not THREE.WebGLRenderTarget.");let xt=Pt.get(S).__webglFramebuffer;if(S.isWebGLCubeRenderTarget&&St!==void 0&&(xt=xt[St],Array.isArray(xt)&&(xt=xt[0])),xt)if(L>=0&&L<=S.width-O&&V>=0&&V<=S.height-B){pt.bindFramebuffer(F.FRAMEBUFFER,xt);let wt=S.textures[ut],zt=wt.format,Yt=wt.type;S.textures.length>1&&F.readBuffer(F.COLOR_ATTACHMENT0+ut);let bt=wh(wt);if(bt.__formatReadable===!1)throw new Error("THREE.WebGLRenderer.readRenderTargetPixelsAsync: renderTarget is not in RGBA or implementation defined format.");if(bt.__typeReadable===!1)throw new Error("THREE.WebGLRenderer.readRenderTargetPixelsAsync: renderTarget is not in UnsignedByteType or implementation defined type.");let Kt=F.createBuffer();F.bindBuffer(F.PIXEL_PACK_BUFFER,Kt),F.bufferData(F.PIXEL_PACK_BUFFER,ft.byteLength,F.STREAM_READ),F.readPixels(L,V,O,B,st.convert(zt),st.convert(Yt),0),F.bindBuffer(F.PIXEL_PACK_BUFFER,null);let Te=tt!==null?Pt.get(tt).__webglFramebuffer:null;pt.bindFramebuffer(F.FRAMEBUFFER,Te);let de=F.fenceSync(F.SYNC_GPU_COMMANDS_COMPLETE,0);return F.flush(),await Cd(F,de,4),F.bindBuffer(F.PIXEL_PACK_BUFFER,Kt),F.getBufferSubData(F.PIXEL_PACK_BUFFER,0,ft),F.bindBuffer(F.PIXEL_PACK_BUFFER,null),F.deleteBuffer(Kt),F.deleteSync(de),ft}else throw new Error("THREE.WebGLRenderer.readRenderTargetPixelsAsync: requested read bounds are out of range.")},this.copyFramebufferToTexture=function(S,L=null,V=0){let O=Math.pow(2,-V),B=Math.floor(S.image.width*O),ft=Math.floor(S.image.height*O),St=L!==null?L.x:0,ut=L!==null?L.y:0;Ut.setTexture2D(S,0),F.copyTexSubImage2D(F.TEXTURE_2D,V,0,0,St,ut,B,ft),pt.unbindTexture()},this.copyTextureToTexture=function(S,L,V=null,O=null,B=0,ft=0){let St,ut,xt,wt,zt,Yt,bt,Kt,Te,de=S.isCompressedTexture?S.mipmaps[ft]:S.image;if(V!==null)St=V.max.x-V.min.x,ut=V.max.y-V.min.y,xt=V.isBox3?V.max.z-V.min.z:1,wt=V.min.x,zt=V.min.y,Yt=V.isBox3?V.min.z:0;else{let jt=Math.pow(2,-B);St=Math.floor(de.width*jt),ut=Math.floor(de.height*jt),S.isDataArrayTexture?xt=de.depth:S.isData3DTexture?xt=Math.floor(de.depth*jt):xt=1,wt=0,zt=0,Yt=0}O!==null?(bt=O.x,Kt=O.y,Te=O.z):(bt=0,Kt=0,Te=0);let he=st.convert(L.format),Ke=st.convert(L.type),Mt;L.isData3DTexture?(Ut.setTexture3D(L,0),Mt=F.TEXTURE_3D):L.isDataArrayTexture||L.isCompressedArrayTexture?(Ut.setTexture2DArray(L,0),Mt=F.TEXTURE_2D_ARRAY):(Ut.setTexture2D(L,0),Mt=F.TEXTURE_2D),pt.activeTexture(F.TEXTURE0),pt.pixelStorei(F.UNPACK_FLIP_Y_WEBGL,L.flipY),pt.pixelStorei(F.UNPACK_PREMULTIPLY_ALPHA_WEBGL,L.premultiplyAlpha),pt.pixelStorei(F.UNPACK_ALIGNMENT,L.unpackAlignment);let nn=pt.getParameter(F.UNPACK_ROW_LENGTH),ne=pt.getParameter(F.UNPACK_IMAGE_HEIGHT),qi=pt.getParameter(F.UNPACK_SKIP_PIXELS),Ze=pt.getParameter(F.UNPACK_SKIP_ROWS),ga=pt.getParameter(F.UNPACK_SKIP_IMAGES);pt.pixelStorei(F.UNPACK_ROW_LENGTH,de.width),pt.pixelStorei(F.UNPACK_IMAGE_HEIGHT,de.height),pt.pixelStorei(F.UNPACK_SKIP_PIXELS,wt),pt.pixelStorei(F.UNPACK_SKIP_ROWS,zt),pt.pixelStorei(F.UNPACK_SKIP_IMAGES,Yt);let Ei=S.isDataArrayTexture||S.isData3DTexture,Xi=L.isDataArrayTexture||L.isData3DTexture;if(S.isDepthTexture){let jt=Pt.get(S),$e=Pt.get(L),On=Pt.get(jt.__renderTarget),be=Pt.get($e.__renderTarget);pt.bindFramebuffer(F.READ_FRAMEBUFFER,On.__webglFramebuffer),pt.bindFramebuffer(F.DRAW_FRAMEBUFFER,be.__webglFramebuffer);for(let ze=0;ze<xt;ze++)Ei&&(F.framebufferTextureLayer(F.READ_FRAMEBUFFER,F.COLOR_ATTACHMENT0,Pt.get(S).__webglTexture,B,Yt+ze),F.framebufferTextureLayer(F.DRAW_FRAMEBUFFER,F.COLOR_ATTACHMENT0,Pt.get(L).__webglTexture,ft,Te+ze)),F.blitFramebuffer(wt,zt,wt+St,zt+ut,bt,Kt,bt+St,Kt+ut,F.DEPTH_BUFFER_BIT,F.NEAREST);pt.bindFramebuffer(F.READ_FRAMEBUFFER,null),pt.bindFramebuffer(F.DRAW_FRAMEBUFFER,null)}else if(B!==0||S.isRenderTargetTexture||Pt.has(S)){let jt=Pt.get(S),$e=Pt.get(L);pt.bindFramebuffer(F.READ_FRAMEBUFFER,I),pt.bindFramebuffer(F.DRAW_FRAMEBUFFER,G);for(let On=0;On<xt;On++)Ei?F.framebufferTextureLayer(F.READ_FRAMEBUFFER,F.COLOR_ATTACHMENT0,jt.__webglTexture,B,Yt+On):F.framebufferTexture2D(F.READ_FRAMEBUFFER,F.COLOR_ATTACHMENT0,F.TEXTURE_2D,jt.__webglTexture,B),Xi?F.framebufferTextureLayer(F.DRAW_FRAMEBUFFER,F.COLOR_ATTACHMENT0,$e.__webglTexture,ft,Te+On):F.framebufferTexture2D(F.DRAW_FRAMEBUFFER,F.COLOR_ATTACHMENT0,F.TEXTURE_2D,$e.__webglTexture,ft),B!==0?F.blitFramebuffer(wt,zt,wt+St,zt+ut,bt,Kt,bt+St,Kt+ut,F.COLOR_BUFFER_BIT,F.NEAREST):Xi?F.copyTexSubImage3D(Mt,ft,bt,Kt,Te+On,wt,zt,St,ut):F.copyTexSubImage2D(Mt,ft,bt,Kt,wt,zt,St,ut);pt.bindFramebuffer(F.READ_FRAMEBUFFER,null),pt.bindFramebuffer(F.DRAW_FRAMEBUFFER,null)}else Xi?S.isDataTexture||S.isData3DTexture?F.texSubImage3D(Mt,ft,bt,Kt,Te,St,ut,xt,he,Ke,de.data):L.isCompressedArrayTexture?F.compressedTexSubImage3D(Mt,ft,bt,Kt,Te,St,ut,xt,he,de.data):F.texSubImage3D(Mt,ft,bt,Kt,Te,St,ut,xt,he,Ke,de):S.isDataTexture?F.texSubImage2D(F.TEXTURE_2D,ft,bt,Kt,St,ut,he,Ke,de.data):S.isCompressedTexture?F.compressedTexSubImage2D(F.TEXTURE_2D,ft,bt,Kt,de.width,de.height,he,de.data):F.texSubImage2D(F.TEXTURE_2D,ft,bt,Kt,St,ut,he,Ke,de);pt.pixelStorei(F.UNPACK_ROW_LENGTH,nn),pt.pixelStorei(F.UNPACK_IMAGE_HEIGHT,ne),pt.pixelStorei(F.UNPACK_SKIP_PIXELS,qi),pt.pixelStorei(F.UNPACK_SKIP_ROWS,Ze),pt.pixelStorei(F.UNPACK_SKIP_IMAGES,ga),ft===0&&L.generateMipmaps===!0&&L.mipmapsAutoUpdate===!0&&F.generateMipmap(Mt),pt.unbindTexture()},this.initRenderTarget=function(S){Pt.get(S).__webglFramebuffer===void 0&&Ut.setupRenderTarget(S)},this.initTexture=function(S){S.isCubeTexture?Ut.setTextureCube(S,0):S.isData3DTexture?Ut.setTexture3D(S,0):S.isDataArrayTexture||S.isCompressedArrayTexture?Ut.setTexture2DArray(S,0):Ut.setTexture2D(S,0),pt.unbindTexture()},this.resetState=function(){q=0,k=0,tt=null,pt.reset(),at.reset()},typeof __THREE_DEVTOOLS__<"u"&&__THREE_DEVTOOLS__.dispatchEvent(new CustomEvent("observe",{detail:this}))}get coordinateSystem(){return Cn}get outputColorSpace(){return this._outputColorSpace}set outputColorSpace(t){this._outputColorSpace=t;let e=this.getContext();e.drawingBufferColorSpace=qt._getDrawingBufferColorSpace(t),e.unpackColorSpace=qt._getUnpackColorSpace()}};var Zy=new Oi(-1,1,1,-1,0,1),Xc=class extends Vn{constructor(){super(),this.setAttribute("position",new sn([-1,3,0,-1,-1,0,3,-1,0],3)),this.setAttribute("uv",new sn([0,2,0,0,2,0],2))}},Qy=new Xc,Gs=class{constructor(t){this._mesh=new rn(Qy,t)}dispose(){this._mesh.geometry.dispose()}render(t){t.render(this._mesh,Zy)}get material(){return this._mesh.material}set material(t){this._mesh.material=t}};var Sn=-12,bn=9,cT=Math.exp(Sn),uT=Math.exp(bn),Jy=-30,Yc=Math.exp(Jy),Lf=11,Ff=11,jy=11,hT=Lf+Ff,Nt=1<<Lf,Fn=1<<Ff,tv=1<<jy,ev=1,dT=Nt-1,fT=Fn-1,pT=tv-1;var _n=(i=>(i.PLY="ply",i.SPZ="spz",i.SPLAT="splat",i.KSPLAT="ksplat",i.PCSOGS="pcsogs",i.PCSOGSZIP="pcsogszip",i.RAD="rad",i))(_n||{}),sh={rgbMin:0,rgbMax:1,lnScaleMin:Sn,lnScaleMax:bn,sh1Max:1,sh2Max:1,sh3Max:1,lodOpacity:!1};function Ys(i){return i==="int"||i==="ivec2"||i==="ivec3"||i==="ivec4"}function Ks(i){return i==="uint"||i==="uvec2"||i==="uvec3"||i==="uvec4"}function nv(i){return i==="float"||i==="vec2"||i==="vec3"||i==="vec4"}function iv(i){return i==="mat2"||i==="mat2x2"||i==="mat2x3"||i==="mat2x4"||i==="mat3"||i==="mat3x2"||i==="mat3x3"||i==="mat3x4"||i==="mat4"||i==="mat4x2"||i==="mat4x3"||i==="mat4x4"}function ul(i){return nv(i)||iv(i)}function $s(i){return i==="mat2"||i==="mat2x2"}function Ws(i){return i==="mat3"||i==="mat3x3"}function qs(i){return i==="mat4"||i==="mat4x4"}function De(i){return Math.trunc(i).toString()}function Le(i){return`${Math.max(0,Math.trunc(i)).toString()}u`}function ee(i){return i===Number.POSITIVE_INFINITY?"INFINITY":i===Number.NEGATIVE_INFINITY?"-INFINITY":Number.isInteger(i)?i.toFixed(1):i.toString()}function Zs(i){return i instanceof Mi?i.type:i.dynoOut().type}var Mi=class{constructor(t){this.__isDynoValue=!0,this.type=t}},Ne=class extends Mi{constructor(t,e){super(t.outTypes[e]),this.dyno=t,this.key=e}},er=class extends Mi{constructor(t,e){super(t),this.literal=e}getLiteral(){return this.literal}};var lu=class extends er{constructor(t,e){super(t,""),this.value=e}getLiteral(){let{type:t,value:e}=this;switch(t){case"bool":return e?"true":"false";case"uint":return Le(e);case"int":return De(e);case"float":return ee(e);case"bvec2":{let n=e;return`bvec2(${n[0]}, ${n[1]})`}case"uvec2":{if(e instanceof Wt)return`uvec2(${Le(e.x)}, ${Le(e.y)})`;let n=e;return`uvec2(${Le(n[0])}, ${Le(n[1])})`}case"ivec2":{if(e instanceof Wt)return`ivec2(${De(e.x)}, ${De(e.y)})`;let n=e;return`ivec2(${De(n[0])}, ${De(n[1])})`}case"vec2":{if(e instanceof Wt)return`vec2(${ee(e.x)}, ${ee(e.y)})`;let n=e;return`vec2(${ee(n[0])}, ${ee(n[1])})`}case"bvec3":{let n=e;return`bvec3(${n[0]}, ${n[1]}, ${n[2]})`}case"uvec3":{if(e instanceof C)return`uvec3(${Le(e.x)}, ${Le(e.y)}, ${Le(e.z)})`;let n=e;return`uvec3(${Le(n[0])}, ${Le(n[1])}, ${Le(n[2])})`}case"ivec3":{if(e instanceof C)return`ivec3(${De(e.x)}, ${De(e.y)}, ${De(e.z)})`;let n=e;return`ivec3(${De(n[0])}, ${De(n[1])}, ${De(n[2])})`}case"vec3":{if(e instanceof C)return`vec3(${ee(e.x)}, ${ee(e.y)}, ${ee(e.z)})`;let n=e;return`vec3(${ee(n[0])}, ${ee(n[1])}, ${ee(n[2])})`}case"bvec4":{let n=e;return`bvec4(${n[0]}, ${n[1]}, ${n[2]}, ${n[3]})`}case"uvec4":{if(e instanceof Qt)return`uvec4(${Le(e.x)}, ${Le(e.y)}, ${Le(e.z)}, ${Le(e.w)})`;let n=e;return`uvec4(${Le(n[0])}, ${Le(n[1])}, ${Le(n[2])}, ${Le(n[3])})`}case"ivec4":{if(e instanceof Qt)return`ivec4(${De(e.x)}, ${De(e.y)}, ${De(e.z)}, ${De(e.w)})`;let n=e;return`ivec4(${De(n[0])}, ${De(n[1])}, ${De(n[2])}, ${De(n[3])})`}case"vec4":{if(e instanceof Qt)return`vec4(${ee(e.x)}, ${ee(e.y)}, ${ee(e.z)}, ${ee(e.w)})`;if(e instanceof oe)return`vec4(${ee(e.x)}, ${ee(e.y)}, ${ee(e.z)}, ${ee(e.w)})`;let n=e;return`vec4(${ee(n[0])}, ${ee(n[1])}, ${ee(n[2])}, ${ee(n[3])})`}case"mat2":case"mat2x2":{let n=e,s=n instanceof Nr?n.elements:e,r=new Array(4).fill(0).map((a,o)=>ee(s[o]));return`${t}(${r.join(", ")})`}case"mat2x3":{let n=e,s=new Array(6).fill(0).map((r,a)=>ee(n[a]));return`${t}(${s.join(", ")})`}case"mat2x4":{let n=e,s=new Array(8).fill(0).map((r,a)=>ee(n[a]));return`${t}(${s.join(", ")})`}case"mat3":case"mat3x3":{let n=e,s=n instanceof It?n.elements:e,r=new Array(9).fill(0).map((a,o)=>ee(s[o]));return`${t}(${r.join(", ")})`}case"mat3x2":{let n=e,s=new Array(6).fill(0).map((r,a)=>ee(n[a]));return`${t}(${s.join(", ")})`}case"mat3x4":{let n=e,s=new Array(12).fill(0).map((r,a)=>ee(n[a]));return`${t}(${s.join(", ")})`}case"mat4":case"mat4x4":{let n=e,s=n instanceof ie?n.elements:e,r=new Array(16).fill(0).map((a,o)=>ee(s[o]));return`${t}(${r.join(", ")})`}case"mat4x2":{let n=e,s=new Array(8).fill(0).map((r,a)=>ee(n[a]));return`${t}(${s.join(", ")})`}case"mat4x3":{let n=e,s=new Array(12).fill(0).map((r,a)=>ee(n[a]));return`${t}(${s.join(", ")})`}default:throw new Error(`Type not implemented: ${String(t)}`)}}};function sl(i,t){return new lu(i,t)}var mf="    ",cu=class{constructor({indent:t}={}){this.globals=new Set,this.statements=[],this.uniforms={},this.declares=new Set,this.updaters=[],this.sequence=0,this.indent=mf,this.indent=t??mf}nextSequence(){return this.sequence++}},Gt=class{constructor({inTypes:t,outTypes:e,inputs:n,update:s,globals:r,statements:a,generate:o}){this.inTypes=t??{},this.outTypes=e??{},this.inputs=n??{},this.update=s,this.globals=r,this.statements=a,this.generate=o??(({inputs:c,outputs:l,compile:u})=>{var h,d;return{globals:(h=this.globals)==null?void 0:h.call(this,{inputs:c,outputs:l,compile:u}),statements:(d=this.statements)==null?void 0:d.call(this,{inputs:c,outputs:l,compile:u})}})}get outputs(){let t={};for(let e in this.outTypes)t[e]=new Ne(this,e);return t}apply(t){return Object.assign(this.inputs,t),this.outputs}compile({inputs:t,outputs:e,compile:n}){let s=[`// ${this.constructor.name}(${Object.values(t).join(", ")}) => (${Object.values(e).join(", ")})`],r=[];for(let l in e){let u=e[l];u&&!n.declares.has(u)&&(n.declares.add(u),r.push(l))}let{globals:a,statements:o,uniforms:c}=this.generate({inputs:t,outputs:e,compile:n});for(let l of a??[])n.globals.add(l);for(let l in c)n.uniforms[l]=c[l];this.update&&n.updaters.push(this.update);for(let l of r){let u=e[l];u&&(n.uniforms[u]||s.push(`${Uf(u,this.outTypes[l])};`))}return o?.length&&(s.push("{"),s.push(...o.map(l=>n.indent+l)),s.push("}")),s}},uu=class extends Gt{constructor({inTypes:t,outTypes:e,inputs:n,update:s,globals:r,construct:a}){super({inTypes:t,outTypes:e,inputs:n,update:s,globals:r,generate:o=>this.generateBlock(o)}),this.construct=a}generateBlock({inputs:t,outputs:e,compile:n}){var s,r;let a={},o={};for(let f in t)t[f]!=null&&(a[f]=new er(this.inTypes[f],t[f]));for(let f in e)e[f]!=null&&(o[f]=new Mi(this.outTypes[f]));let c={roots:[]},l=this.construct(a,o,c);for(let f of((s=this.globals)==null?void 0:s.call(this,{inputs:t,outputs:e,compile:n}))??[])n.globals.add(f);let u=[],h=new Map;function d(f,p,y){let M=h.get(f);if(!M){M={sequence:n.nextSequence(),outNames:new Map,newOuts:new Set},h.set(f,M);for(let b in f.inputs){let w=f.inputs[b];for(;w;){if(w instanceof Mi){w instanceof Ne&&d(w.dyno,w.key);break}if(typeof w.dynoOut!="function")throw new Error(`dynoOut is not a function for ${w.constructor.name}`);w=w.dynoOut()}}u.push(f)}p&&(y||M.newOuts.add(p),M.outNames.set(p,y??`${p}_${M.sequence}`))}for(let f of c.roots)d(f);for(let f in o){let p=l?.[f]??o[f];for(;p;){if(p instanceof Mi){p instanceof Ne&&d(p.dyno,p.key,e[f]);break}p=p.dynoOut()}o[f]=p}let m=[];for(let f of u){let p={},y={};for(let w in f.inputs){let E=f.inputs[w];for(;E;){if(E instanceof Mi){if(E instanceof er)p[w]=E.getLiteral();else if(E instanceof Ne){let x=(r=h.get(E.dyno))==null?void 0:r.outNames.get(E.key);if(!x)throw new Error(`Source not found for ${E.dyno.constructor.name}.${E.key}`);p[w]=x}break}E=E.dynoOut()}}let M=h.get(f)??{outNames:new Map};for(let[w,E]of M.outNames.entries())y[w]=E;let b=f.compile({inputs:p,outputs:y,compile:n});m.push(b)}let g=[];for(let f in e)o[f]instanceof er&&g.push(`${e[f]} = ${o[f].getLiteral()};`);return g.length>0&&m.push(g),{statements:m.flatMap((f,p)=>p===0?f:["",...f])}}};function Ln(i,t,e,{update:n,globals:s}={}){return new uu({inTypes:i,outTypes:t,construct:e,update:n,globals:s})}function Nf({inTypes:i,outTypes:t,inputs:e,update:n,globals:s,statements:r,generate:a}){return new Gt({inTypes:i,outTypes:t,inputs:e,update:n,globals:s,statements:r,generate:a})}function Uf(i,t,e){let n=typeof t=="string"?t:t.type;if(!n)throw new Error(`Invalid DynoType: ${String(t)}`);return`${n} ${i}${e!=null?`[${e}]`:""}`}function re(i){var t;let e=!1,n=i.split(`
`).map(a=>{let o=a.trimEnd();return e?o:o.length>0?(e=!0,o):null}).filter(a=>a!=null);for(;n.length>0&&n[n.length-1].length===0;)n.pop();if(n.length===0)return[];let s=(t=n[0].match(/^\s*/))==null?void 0:t[0];if(!s)return n;let r=new RegExp(`^${s}`);return n.map(a=>a.replace(r,""))}function Me(i){return re(i).join(`
`)}var hu=class extends Gt{constructor({a:t,outKey:e,outTypeFunc:n}){let s={a:Zs(t)},r=n(Zs(t)),a={[e]:r};super({inTypes:s,outTypes:a,inputs:{a:t}}),this.outKey=e}dynoOut(){return new Ne(this,this.outKey)}},ra=class extends Gt{constructor({a:t,b:e,outKey:n,outTypeFunc:s}){let r={a:Zs(t),b:Zs(e)},a=s(Zs(t),Zs(e)),o={[n]:a};super({inTypes:r,outTypes:o,inputs:{a:t,b:e}}),this.outKey=n}dynoOut(){return new Ne(this,this.outKey)}};var fe={type:"Gsplat"},en={type:"CovSplat"},rh={type:"PackedSplats"},Of={type:"ExtSplats"};var sv=(i,t)=>new fu({packedSplats:i,index:t}),rv=(i,t,e,n)=>new pu({packedSplats:i,index:t,base:e,count:n});var av=(i,t)=>new mu({extSplats:i,index:t});var du=i=>new gu({gsplat:i}),Nn=i=>new xu({gsplat:i}),ir=({gsplat:i,flags:t,index:e,center:n,scales:s,quaternion:r,rgba:a,rgb:o,opacity:c,x:l,y:u,z:h,r:d,g:m,b:g})=>new yu({gsplat:i,flags:t,index:e,center:n,scales:s,quaternion:r,rgba:a,rgb:o,opacity:c,x:l,y:u,z:h,r:d,g:m,b:g});var ov=(i,{scale:t,rotate:e,translate:n,recolor:s})=>new vu({gsplat:i,scale:t,rotate:e,translate:n,recolor:s}),zf=i=>new Mu({index:i}),gf=i=>new wu({index:i}),Mn=Me(`
  struct Gsplat {
    vec3 center;
    uint flags;
    vec3 scales;
    int index;
    vec4 quaternion;
    vec4 rgba;
  };
  const uint GSPLAT_FLAG_ACTIVE = 1u << 0u;

  bool isGsplatActive(uint flags) {
    return (flags & GSPLAT_FLAG_ACTIVE) != 0u;
  }
`),dr=Me(`
  struct CovSplat {
    vec3 center;
    uint flags;
    vec4 rgba;
    vec3 xxyyzz;
    int index;
    vec3 xyxzyz;
  };

  bool isCovSplatActive(uint flags) {
    return (flags & GSPLAT_FLAG_ACTIVE) != 0u;
  }
`),ah=Me(`
  struct PackedSplats {
    usampler2DArray textureArray;
    int numSplats;
    vec4 rgbMinMaxLnScaleMinMax;
    bool lodOpacity;
  };
`);var Bf=Me(`
  bool readPackedArray(usampler2DArray texture, int numSplats, vec4 rgbMinMaxLnScaleMinMax, int index, out Gsplat gsplat) {
    if ((index >= 0) && (index < numSplats)) {
      uvec4 packedData = texelFetch(texture, splatTexCoord(index), 0);
      unpackSplatEncoding(packedData, gsplat.center, gsplat.scales, gsplat.quaternion, gsplat.rgba, rgbMinMaxLnScaleMinMax);
      return true;
    } else {
      return false;
    }
  }
`),fu=class extends Gt{constructor({packedSplats:t,index:e}){super({inTypes:{packedSplats:rh,index:"int"},outTypes:{gsplat:fe},inputs:{packedSplats:t,index:e},globals:()=>[Mn,ah,Bf],statements:({inputs:n,outputs:s})=>{let{gsplat:r}=s;if(!r)return[];let{packedSplats:a,index:o}=n,c;return a&&o?c=re(`
            ${r}.flags = 0u;
            if (readPackedArray(${a}.textureArray, ${a}.numSplats, ${a}.rgbMinMaxLnScaleMinMax, ${o}, ${r})) {
              if (${a}.lodOpacity) {
                ${r}.rgba.a = 2.0 * ${r}.rgba.a;
              }
              bool zeroSize = all(equal(${r}.scales, vec3(0.0, 0.0, 0.0)));
              ${r}.flags = zeroSize ? 0u : GSPLAT_FLAG_ACTIVE;
            }
          `):c=[`${r}.flags = 0u;`],c.push(`${r}.index = ${o??"0"};`),c}})}dynoOut(){return new Ne(this,"gsplat")}},pu=class extends Gt{constructor({packedSplats:t,index:e,base:n,count:s}){super({inTypes:{packedSplats:rh,index:"int",base:"int",count:"int"},outTypes:{gsplat:fe},inputs:{packedSplats:t,index:e,base:n,count:s},globals:()=>[Mn,ah,Bf],statements:({inputs:r,outputs:a})=>{let{gsplat:o}=a;if(!o)return[];let{packedSplats:c,index:l,base:u,count:h}=r,d;return c&&l&&u&&h?d=re(`
            ${o}.flags = 0u;
            if (readPackedArray(${c}.textureArray, ${c}.numSplats, ${c}.rgbMinMaxLnScaleMinMax, ${l}, ${o})) {
              if (${c}.lodOpacity) {
                ${o}.rgba.a = 2.0 * ${o}.rgba.a;
              }
              bool zeroSize = all(equal(${o}.scales, vec3(0.0, 0.0, 0.0)));
              ${o}.flags = zeroSize ? 0u : GSPLAT_FLAG_ACTIVE;
            }
          `):d=[`${o}.flags = 0u;`],d.push(`${o}.index = ${l??"0"};`),d}})}dynoOut(){return new Ne(this,"gsplat")}},kf=Me(`
  struct ExtSplats {
    usampler2DArray textureArray1;
    usampler2DArray textureArray2;
    int numSplats;
  };
`);var lv=Me(`
  void readExtArrays(usampler2DArray texture1, usampler2DArray texture2, int numSplats, int index, out Gsplat gsplat) {
    gsplat.flags = 0u;
    if ((index >= 0) && (index < numSplats)) {
      ivec3 coord = splatTexCoord(index);
      uvec4 packed1 = texelFetch(texture1, coord, 0);
      uvec4 packed2 = texelFetch(texture2, coord, 0);
      unpackSplatExt(packed1, packed2, gsplat.center, gsplat.scales, gsplat.quaternion, gsplat.rgba);
      gsplat.flags = all(equal(gsplat.scales, vec3(0.0, 0.0, 0.0))) ? 0u : GSPLAT_FLAG_ACTIVE;
      gsplat.index = index;
    }
  }
`),mu=class extends Gt{constructor({extSplats:t,index:e}){super({inTypes:{extSplats:Of,index:"int"},outTypes:{gsplat:fe},inputs:{extSplats:t,index:e},globals:()=>[Mn,kf,lv],statements:({inputs:n,outputs:s})=>{let{gsplat:r}=s;if(!r)return[`${r}.flags = 0u;`];let{extSplats:a,index:o}=n;return a&&o?re(`
            readExtArrays(${a}.textureArray1, ${a}.textureArray2, ${a}.numSplats, ${o}, ${r});
          `):[`${r}.flags = 0u;`]}})}dynoOut(){return new Ne(this,"gsplat")}};var mT=Me(`
  void readCovArrays(usampler2DArray texture1, usampler2DArray texture2, int numSplats, int index, out CovSplat covsplat) {
    covsplat.flags = 0u;
    if ((index >= 0) && (index < numSplats)) {
      ivec3 coord = splatTexCoord(index);
      uvec4 packed1 = texelFetch(texture1, coord, 0);
      uvec4 packed2 = texelFetch(texture2, coord, 0);
      unpackSplatExtCov(packed1, packed2, covsplat.center, covsplat.rgba, covsplat.xxyyzz, covsplat.xyxzyz);
      covsplat.flags = (all(equal(covsplat.xxyyzz, vec3(0.0))) && all(equal(covsplat.xyxzyz, vec3(0.0)))) ? 0u : GSPLAT_FLAG_ACTIVE;
      gsplat.index = index;
    }
  }
`);var gu=class extends Gt{constructor({gsplat:t}){super({inTypes:{gsplat:fe},outTypes:{covsplat:en},inputs:{gsplat:t},globals:()=>[Mn,dr],statements:({inputs:e,outputs:n})=>{let{gsplat:s}=e,{covsplat:r}=n;return s?re(`
          ${r}.flags = 0u;
          if (isGsplatActive(${s}.flags)) {
            ${r}.flags = ${s}.flags;
            ${r}.index = ${s}.index;
            ${r}.rgba = ${s}.rgba;
            ${r}.center = ${s}.center;
            mat3 m = scaleQuaternionToMatrix(${s}.scales, ${s}.quaternion);
            m = m * transpose(m);
            ${r}.xxyyzz = vec3(m[0][0], m[1][1], m[2][2]);
            ${r}.xyxzyz = vec3(m[0][1], m[0][2], m[1][2]);
          }
        `):[`${r}.flags = 0u;`]}})}dynoOut(){return new Ne(this,"covsplat")}},xu=class extends Gt{constructor({gsplat:t}){super({inTypes:{gsplat:fe},outTypes:{flags:"uint",active:"bool",index:"int",center:"vec3",scales:"vec3",quaternion:"vec4",rgba:"vec4",rgb:"vec3",opacity:"float",x:"float",y:"float",z:"float",r:"float",g:"float",b:"float"},inputs:{gsplat:t},globals:()=>[Mn],statements:({inputs:e,outputs:n})=>{let{gsplat:s}=e,{flags:r,active:a,index:o,center:c,scales:l,quaternion:u,rgba:h,rgb:d,opacity:m,x:g,y:v,z:f,r:p,g:y,b:M}=n;return[r?`${r} = ${s?`${s}.flags`:"0u"};`:null,a?`${a} = isGsplatActive(${s?`${s}.flags`:"0u"});`:null,o?`${o} = ${s?`${s}.index`:"0"};`:null,c?`${c} = ${s?`${s}.center`:"vec3(0.0, 0.0, 0.0)"};`:null,l?`${l} = ${s?`${s}.scales`:"vec3(0.0, 0.0, 0.0)"};`:null,u?`${u} = ${s?`${s}.quaternion`:"vec4(0.0, 0.0, 0.0, 1.0)"};`:null,h?`${h} = ${s?`${s}.rgba`:"vec4(0.0, 0.0, 0.0, 0.0)"};`:null,d?`${d} = ${s?`${s}.rgba.rgb`:"vec3(0.0, 0.0, 0.0)"};`:null,m?`${m} = ${s?`${s}.rgba.a`:"0.0"};`:null,g?`${g} = ${s?`${s}.center.x`:"0.0"};`:null,v?`${v} = ${s?`${s}.center.y`:"0.0"};`:null,f?`${f} = ${s?`${s}.center.z`:"0.0"};`:null,p?`${p} = ${s?`${s}.rgba.r`:"0.0"};`:null,y?`${y} = ${s?`${s}.rgba.g`:"0.0"};`:null,M?`${M} = ${s?`${s}.rgba.b`:"0.0"};`:null].filter(Boolean)}})}},yu=class extends Gt{constructor({gsplat:t,flags:e,index:n,center:s,scales:r,quaternion:a,rgba:o,rgb:c,opacity:l,x:u,y:h,z:d,r:m,g,b:v}){super({inTypes:{gsplat:fe,flags:"uint",index:"int",center:"vec3",scales:"vec3",quaternion:"vec4",rgba:"vec4",rgb:"vec3",opacity:"float",x:"float",y:"float",z:"float",r:"float",g:"float",b:"float"},outTypes:{gsplat:fe},inputs:{gsplat:t,flags:e,index:n,center:s,scales:r,quaternion:a,rgba:o,rgb:c,opacity:l,x:u,y:h,z:d,r:m,g,b:v},globals:()=>[Mn],statements:({inputs:f,outputs:p})=>{let{gsplat:y}=p;if(!y)return[];let{gsplat:M,flags:b,index:w,center:E,scales:x,quaternion:T,rgba:N,rgb:P,opacity:D,x:U,y:$,z:I,r:G,g:q,b:k}=f;return[`${y}.flags = ${b??(M?`${M}.flags`:"0u")};`,`${y}.index = ${w??(M?`${M}.index`:"0")};`,`${y}.center = ${E??(M?`${M}.center`:"vec3(0.0, 0.0, 0.0)")};`,`${y}.scales = ${x??(M?`${M}.scales`:"vec3(0.0, 0.0, 0.0)")};`,`${y}.quaternion = ${T??(M?`${M}.quaternion`:"vec4(0.0, 0.0, 0.0, 1.0)")};`,`${y}.rgba = ${N??(M?`${M}.rgba`:"vec4(0.0, 0.0, 0.0, 0.0)")};`,P?`${y}.rgba.rgb = ${P};`:null,D?`${y}.rgba.a = ${D};`:null,U?`${y}.center.x = ${U};`:null,$?`${y}.center.y = ${$};`:null,I?`${y}.center.z = ${I};`:null,G?`${y}.rgba.r = ${G};`:null,q?`${y}.rgba.g = ${q};`:null,k?`${y}.rgba.b = ${k};`:null].filter(Boolean)}})}dynoOut(){return new Ne(this,"gsplat")}},gT=Me(`
  vec3 gsplatNormal(vec3 scales, vec4 quaternion) {
    float minScale = min(scales.x, min(scales.y, scales.z));
    vec3 normal;
    if (scales.z == minScale) {
      normal = vec3(0.0, 0.0, 1.0);
    } else if (scales.y == minScale) {
      normal = vec3(0.0, 1.0, 0.0);
    } else {
      normal = vec3(1.0, 0.0, 0.0);
    }
    return quatVec(quaternion, normal);
  }
`);var vu=class extends Gt{constructor({gsplat:t,scale:e,rotate:n,translate:s,recolor:r}){super({inTypes:{gsplat:fe,scale:"float",rotate:"vec4",translate:"vec3",recolor:"vec4"},outTypes:{gsplat:fe},inputs:{gsplat:t,scale:e,rotate:n,translate:s,recolor:r},globals:()=>[Mn],statements:({inputs:a,outputs:o,compile:c})=>{let{gsplat:l}=o;if(!l||!a.gsplat)return[];let{scale:u,rotate:h,translate:d,recolor:m}=a,g=c.indent;return[`${l} = ${a.gsplat};`,`if (isGsplatActive(${l}.flags)) {`,u?`${g}${l}.center *= ${u};`:null,h?`${g}${l}.center = quatVec(${h}, ${l}.center);`:null,d?`${g}${l}.center += ${d};`:null,u?`${g}${l}.scales *= ${u};`:null,h?`${g}${l}.quaternion = quatQuat(${h}, ${l}.quaternion);`:null,m?`${g}${l}.rgba *= ${m};`:null,"}"].filter(Boolean)}})}dynoOut(){return new Ne(this,"gsplat")}},_u=i=>new Su({covsplat:i}),Hf=({covsplat:i,flags:t,index:e,center:n,rgba:s,rgb:r,opacity:a,x:o,y:c,z:l,r:u,g:h,b:d})=>new bu({covsplat:i,flags:t,index:e,center:n,rgba:s,rgb:r,opacity:a,x:o,y:c,z:l,r:u,g:h,b:d}),Su=class extends Gt{constructor({covsplat:t}){super({inTypes:{covsplat:en},outTypes:{flags:"uint",active:"bool",index:"int",center:"vec3",rgba:"vec4",rgb:"vec3",opacity:"float",x:"float",y:"float",z:"float",r:"float",g:"float",b:"float"},inputs:{covsplat:t},globals:()=>[dr],statements:({inputs:e,outputs:n})=>{let{covsplat:s}=e,{flags:r,active:a,index:o,center:c,rgba:l,rgb:u,opacity:h,x:d,y:m,z:g,r:v,g:f,b:p}=n;return[r?`${r} = ${s?`${s}.flags`:"0u"};`:null,a?`${a} = isCovSplatActive(${s?`${s}.flags`:"0u"});`:null,o?`${o} = ${s?`${s}.index`:"0"};`:null,c?`${c} = ${s?`${s}.center`:"vec3(0.0, 0.0, 0.0)"};`:null,l?`${l} = ${s?`${s}.rgba`:"vec4(0.0, 0.0, 0.0, 0.0)"};`:null,u?`${u} = ${s?`${s}.rgba.rgb`:"vec3(0.0, 0.0, 0.0)"};`:null,h?`${h} = ${s?`${s}.rgba.a`:"0.0"};`:null,d?`${d} = ${s?`${s}.center.x`:"0.0"};`:null,m?`${m} = ${s?`${s}.center.y`:"0.0"};`:null,g?`${g} = ${s?`${s}.center.z`:"0.0"};`:null,v?`${v} = ${s?`${s}.rgba.r`:"0.0"};`:null,f?`${f} = ${s?`${s}.rgba.g`:"0.0"};`:null,p?`${p} = ${s?`${s}.rgba.b`:"0.0"};`:null].filter(Boolean)}})}},bu=class extends Gt{constructor({covsplat:t,flags:e,index:n,center:s,rgba:r,rgb:a,opacity:o,x:c,y:l,z:u,r:h,g:d,b:m}){super({inTypes:{covsplat:en,flags:"uint",index:"int",center:"vec3",rgba:"vec4",rgb:"vec3",opacity:"float",x:"float",y:"float",z:"float",r:"float",g:"float",b:"float"},outTypes:{covsplat:en},inputs:{covsplat:t,flags:e,index:n,center:s,rgba:r,rgb:a,opacity:o,x:c,y:l,z:u,r:h,g:d,b:m},globals:()=>[dr],statements:({inputs:g,outputs:v})=>{let{covsplat:f}=v;if(!f)return[];let{covsplat:p,flags:y,index:M,center:b,rgba:w,rgb:E,opacity:x,x:T,y:N,z:P,r:D,g:U,b:$}=g;return[`${f}.flags = ${y??(p?`${p}.flags`:"0u")};`,`${f}.index = ${M??(p?`${p}.index`:"0")};`,`${f}.center = ${b??(p?`${p}.center`:"vec3(0.0, 0.0, 0.0)")};`,`${f}.rgba = ${w??(p?`${p}.rgba`:"vec4(0.0, 0.0, 0.0, 0.0)")};`,E?`${f}.rgba.rgb = ${E};`:null,x?`${f}.rgba.a = ${x};`:null,T?`${f}.center.x = ${T};`:null,N?`${f}.center.y = ${N};`:null,P?`${f}.center.z = ${P};`:null,D?`${f}.rgba.r = ${D};`:null,U?`${f}.rgba.g = ${U};`:null,$?`${f}.rgba.b = ${$};`:null,`${f}.xxyyzz = ${p?`${p}.xxyyzz`:"vec3(0.0, 0.0, 0.0)"};`,`${f}.xyxzyz = ${p?`${p}.xyxzyz`:"vec3(0.0, 0.0, 0.0)"};`].filter(Boolean)}})}dynoOut(){return new Ne(this,"covsplat")}},Mu=class extends Gt{constructor({index:t}){super({inTypes:{index:"int"},outTypes:{coord:"ivec3"},inputs:{index:t},statements:({inputs:e,outputs:n})=>{let{index:s}=e,{coord:r}=n;return!s||!r?[]:[`${r} = splatTexCoord(${s});`]}})}dynoOut(){return new Ne(this,"coord")}},wu=class extends Gt{constructor({index:t}){super({inTypes:{index:"int"},outTypes:{coord:"ivec3"},inputs:{index:t},statements:({inputs:e,outputs:n})=>{let{index:s}=e,{coord:r}=n;return!s||!r?[]:[`${r} = pagedSplatTexCoord(${s});`]}})}dynoOut(){return new Ne(this,"coord")}},Vf=(i,t)=>new Tu({gsplat:i,rgbMinMaxLnScaleMinMax:t}),cv=(i,t)=>new Eu({covsplat:i,rgbMinMaxLnScaleMinMax:t}),uv=i=>new Au({gsplat:i}),xf=i=>new Ru({covsplat:i}),hv=(i,t,e,n)=>new Cu({gsplat:i,viewCenter:t,viewDir:e,sortRadial:n}),dv=(i,t,e,n)=>new Iu({covsplat:i,viewCenter:t,viewDir:e,sortRadial:n});var Tu=class extends Gt{constructor({gsplat:t,rgbMinMaxLnScaleMinMax:e}){super({inTypes:{gsplat:fe,rgbMinMaxLnScaleMinMax:"vec4"},inputs:{gsplat:t,rgbMinMaxLnScaleMinMax:e},globals:()=>[Mn],statements:({inputs:n,outputs:s})=>{let{gsplat:r,rgbMinMaxLnScaleMinMax:a}=n;return r&&a?re(`
            if (isGsplatActive(${r}.flags)) {
              target = packSplatEncoding(${r}.center, ${r}.scales, ${r}.quaternion, ${r}.rgba, ${a});
            } else {
              target = uvec4(0u, 0u, 0u, 0u);
            }
          `):["target = uvec4(0u, 0u, 0u, 0u);"]}})}},Eu=class extends Gt{constructor({covsplat:t,rgbMinMaxLnScaleMinMax:e}){super({inTypes:{covsplat:en,rgbMinMaxLnScaleMinMax:"vec4"},inputs:{covsplat:t,rgbMinMaxLnScaleMinMax:e},globals:()=>[dr],statements:({inputs:n})=>{let{covsplat:s,rgbMinMaxLnScaleMinMax:r}=n;return s&&r?re(`
            if (isCovSplatActive(${s}.flags)) {
              target = packSplatCovEncoding(${s}.center, ${s}.rgba, ${s}.xxyyzz, ${s}.xyxzyz, ${r});
            } else {
              target = uvec4(0u);
            }
          `):["target = uvec4(0u);"]}})}},Au=class extends Gt{constructor({gsplat:t}){super({inTypes:{gsplat:fe},inputs:{gsplat:t},globals:()=>[Mn],statements:({inputs:e})=>{let{gsplat:n}=e;return n?re(`
            if (isGsplatActive(${n}.flags)) {
              packSplatExt(target, target2, ${n}.center, ${n}.scales, ${n}.quaternion, ${n}.rgba);
            } else {
              target = uvec4(0u);
              target2 = uvec4(0u);
            }
          `):["target = uvec4(0u);","target2 = uvec4(0u);"]}})}},Ru=class extends Gt{constructor({covsplat:t}){super({inTypes:{covsplat:en},inputs:{covsplat:t},globals:()=>[dr],statements:({inputs:e})=>{let{covsplat:n}=e;return n?re(`
            if (isCovSplatActive(${n}.flags)) {
              packSplatExtCov(target, target2, ${n}.center, ${n}.rgba, ${n}.xxyyzz, ${n}.xyxzyz);
            } else {
              target = uvec4(0u);
              target2 = uvec4(0u);
            }
          `):["target = uvec4(0u);","target2 = uvec4(0u);"]}})}},Cu=class extends Gt{constructor({gsplat:t,viewCenter:e,viewDir:n,sortRadial:s}){super({inTypes:{gsplat:fe,viewCenter:"vec3",viewDir:"vec3",sortRadial:"bool"},inputs:{gsplat:t,viewCenter:e,viewDir:n,sortRadial:s},globals:()=>[Mn],statements:({inputs:r})=>{let{gsplat:a,viewCenter:o,viewDir:c,sortRadial:l}=r;return a&&o&&c&&l?re(`
            float metric = 1.0 / 0.0;
            if (isGsplatActive(${a}.flags)) {
              vec3 center = ${a}.center - ${o};
              if (${l}) {
                metric = length(center);
              } else {
                float bias = 100.0; // reduce popping
                metric = dot(center, ${c}) + bias;
              }
            }
            target3 = floatToVec4(metric);
          `):[]}})}},Iu=class extends Gt{constructor({covsplat:t,viewCenter:e,viewDir:n,sortRadial:s}){super({inTypes:{covsplat:en,viewCenter:"vec3",viewDir:"vec3",sortRadial:"bool"},inputs:{covsplat:t,viewCenter:e,viewDir:n,sortRadial:s},globals:()=>[dr],statements:({inputs:r})=>{let{covsplat:a,viewCenter:o,viewDir:c,sortRadial:l}=r;return a&&o&&c&&l?re(`
            float metric = 1.0 / 0.0;
            if (isCovSplatActive(${a}.flags)) {
              vec3 center = ${a}.center - ${o};
              if (${l}) {
                metric = length(center);
              } else {
                float bias = 100.0; // reduce popping
                metric = dot(center, ${c}) + bias;
              }
            }
            target3 = floatToVec4(metric);
          `):[]}})}},Pu=class extends Gt{constructor({rgba8:t}){super({inTypes:{rgba8:"vec4"},inputs:{rgba8:t},statements:({inputs:e,outputs:n})=>[`target = ${e.rgba8??"vec4(0.0, 0.0, 0.0, 0.0)"};`]})}dynoOut(){return new Ne(this,"rgba8")}};var Ve=class extends Gt{constructor({key:t,type:e,count:n,value:s,update:r,globals:a}){t=t??"value",super({outTypes:{[t]:e},update:()=>{if(r){let o=r(this.value);o!==void 0&&(this.value=o)}this.uniform.value=this.value},generate:({inputs:o,outputs:c})=>{let l=a?.({inputs:o,outputs:c})??[],u={},h=c[t];return h&&(l.push(`uniform ${Uf(h,e,n)};`),u[h]=this.uniform),{globals:l,uniforms:u}}}),this.type=e,this.count=n,this.value=s,this.uniform={value:s},this.outKey=t}dynoOut(){return new Ne(this,this.outKey)}},aa=class extends Ve{constructor({key:t,value:e,update:n}){super({key:t,type:"bool",value:e,update:n})}};var Xn=class extends Ve{constructor({key:t,value:e,update:n}){super({key:t,type:"int",value:e,update:n})}},sr=class extends Ve{constructor({key:t,value:e,update:n}){super({key:t,type:"float",value:e,update:n})}};var $i=class extends Ve{constructor({key:t,value:e,update:n}){super({key:t,type:"vec3",value:e,update:n})}};var rr=class extends Ve{constructor({key:t,value:e,update:n}){super({key:t,type:"vec4",value:e,update:n})}};var Du=class extends Ve{constructor({key:t,value:e,update:n}){super({key:t,type:"mat3",value:e,update:n})}};var hl=class extends Ve{constructor({key:t,value:e,update:n}){super({key:t,type:"usampler2D",value:e,update:n})}};var dn=class extends Ve{constructor({key:t,value:e,update:n}){super({key:t,type:"usampler2DArray",value:e,update:n})}};var He=Uint8Array,Qs=Uint16Array,fv=Int32Array,Gf=new He([0,0,0,0,0,0,0,0,1,1,1,1,2,2,2,2,3,3,3,3,4,4,4,4,5,5,5,5,0,0,0,0]),$f=new He([0,0,0,0,1,1,2,2,3,3,4,4,5,5,6,6,7,7,8,8,9,9,10,10,11,11,12,12,13,13,0,0]),pv=new He([16,17,18,0,8,7,9,6,10,5,11,4,12,3,13,2,14,1,15]),Wf=function(i,t){for(var e=new Qs(31),n=0;n<31;++n)e[n]=t+=1<<i[n-1];for(var s=new fv(e[30]),n=1;n<30;++n)for(var r=e[n];r<e[n+1];++r)s[r]=r-e[n]<<5|n;return{b:e,r:s}},qf=Wf(Gf,2),Xf=qf.b,mv=qf.r;Xf[28]=258,mv[258]=28;var gv=Wf($f,0),xv=gv.b,Lu=new Qs(32768);for(se=0;se<32768;++se)Si=(se&43690)>>1|(se&21845)<<1,Si=(Si&52428)>>2|(Si&13107)<<2,Si=(Si&61680)>>4|(Si&3855)<<4,Lu[se]=((Si&65280)>>8|(Si&255)<<8)>>1;var Si,se,ea=function(i,t,e){for(var n=i.length,s=0,r=new Qs(t);s<n;++s)i[s]&&++r[i[s]-1];var a=new Qs(t);for(s=1;s<t;++s)a[s]=a[s-1]+r[s-1]<<1;var o;if(e){o=new Qs(1<<t);var c=15-t;for(s=0;s<n;++s)if(i[s])for(var l=s<<4|i[s],u=t-i[s],h=a[i[s]-1]++<<u,d=h|(1<<u)-1;h<=d;++h)o[Lu[h]>>c]=l}else for(o=new Qs(n),s=0;s<n;++s)i[s]&&(o[s]=Lu[a[i[s]-1]++]>>15-i[s]);return o},ha=new He(288);for(se=0;se<144;++se)ha[se]=8;var se;for(se=144;se<256;++se)ha[se]=9;var se;for(se=256;se<280;++se)ha[se]=7;var se;for(se=280;se<288;++se)ha[se]=8;var se,Yf=new He(32);for(se=0;se<32;++se)Yf[se]=5;var se,yv=ea(ha,9,1),vv=ea(Yf,5,1),Kc=function(i){for(var t=i[0],e=1;e<i.length;++e)i[e]>t&&(t=i[e]);return t},$n=function(i,t,e){var n=t/8|0;return(i[n]|i[n+1]<<8)>>(t&7)&e},Zc=function(i,t){var e=t/8|0;return(i[e]|i[e+1]<<8|i[e+2]<<16)>>(t&7)},Kf=function(i){return(i+7)/8|0},nr=function(i,t,e){return(t==null||t<0)&&(t=0),(e==null||e>i.length)&&(e=i.length),new He(i.subarray(t,e))},_v=["unexpected EOF","invalid block type","invalid length/literal","invalid distance","stream finished","no stream handler",,"no callback","invalid UTF-8 data","extra field too long","date not in range 1980-2099","filename too long","stream finishing","invalid zip data"],on=function(i,t,e){var n=new Error(t||_v[i]);if(n.code=i,Error.captureStackTrace&&Error.captureStackTrace(n,on),!e)throw n;return n},Zf=function(i,t,e,n){var s=i.length,r=n?n.length:0;if(!s||t.f&&!t.l)return e||new He(0);var a=!e,o=a||t.i!=2,c=t.i;a&&(e=new He(s*3));var l=function(Et){var Ft=e.length;if(Et>Ft){var $t=new He(Math.max(Ft*2,Et));$t.set(e),e=$t}},u=t.f||0,h=t.p||0,d=t.b||0,m=t.l,g=t.d,v=t.m,f=t.n,p=s*8;do{if(!m){u=$n(i,h,1);var y=$n(i,h+1,3);if(h+=3,y)if(y==1)m=yv,g=vv,v=9,f=5;else if(y==2){var E=$n(i,h,31)+257,x=$n(i,h+10,15)+4,T=E+$n(i,h+5,31)+1;h+=14;for(var N=new He(T),P=new He(19),D=0;D<x;++D)P[pv[D]]=$n(i,h+D*3,7);h+=x*3;for(var U=Kc(P),$=(1<<U)-1,I=ea(P,U,1),D=0;D<T;){var G=I[$n(i,h,$)];h+=G&15;var M=G>>4;if(M<16)N[D++]=M;else{var q=0,k=0;for(M==16?(k=3+$n(i,h,3),h+=2,q=N[D-1]):M==17?(k=3+$n(i,h,7),h+=3):M==18&&(k=11+$n(i,h,127),h+=7);k--;)N[D++]=q}}var tt=N.subarray(0,E),H=N.subarray(E);v=Kc(tt),f=Kc(H),m=ea(tt,v,1),g=ea(H,f,1)}else on(1);else{var M=Kf(h)+4,b=i[M-4]|i[M-3]<<8,w=M+b;if(w>s){c&&on(0);break}o&&l(d+b),e.set(i.subarray(M,w),d),t.b=d+=b,t.p=h=w*8,t.f=u;continue}if(h>p){c&&on(0);break}}o&&l(d+131072);for(var Q=(1<<v)-1,j=(1<<f)-1,yt=h;;yt=h){var q=m[Zc(i,h)&Q],Tt=q>>4;if(h+=q&15,h>p){c&&on(0);break}if(q||on(2),Tt<256)e[d++]=Tt;else if(Tt==256){yt=h,m=null;break}else{var W=Tt-254;if(Tt>264){var D=Tt-257,et=Gf[D];W=$n(i,h,(1<<et)-1)+Xf[D],h+=et}var ht=g[Zc(i,h)&j],vt=ht>>4;ht||on(3),h+=ht&15;var H=xv[vt];if(vt>3){var et=$f[vt];H+=Zc(i,h)&(1<<et)-1,h+=et}if(h>p){c&&on(0);break}o&&l(d+131072);var ot=d+W;if(d<H){var Ct=r-H,le=Math.min(H,ot);for(Ct+d<0&&on(3);d<le;++d)e[d]=n[Ct+d]}for(;d<ot;++d)e[d]=e[d-H]}}t.l=m,t.p=yt,t.b=d,t.f=u,m&&(u=1,t.m=v,t.d=g,t.n=f)}while(!u);return d!=e.length&&a?nr(e,0,d):e.subarray(0,d)},Sv=new He(0),ai=function(i,t){return i[t]|i[t+1]<<8},qn=function(i,t){return(i[t]|i[t+1]<<8|i[t+2]<<16|i[t+3]<<24)>>>0},Qc=function(i,t){return qn(i,t)+qn(i,t+4)*4294967296},bv=function(i){(i[0]!=31||i[1]!=139||i[2]!=8)&&on(6,"invalid gzip data");var t=i[3],e=10;t&4&&(e+=(i[10]|i[11]<<8)+2);for(var n=(t>>3&1)+(t>>4&1);n>0;n-=!i[e++]);return e+(t&2)},Jc=(function(){function i(t,e){typeof t=="function"&&(e=t,t={}),this.ondata=e;var n=t&&t.dictionary&&t.dictionary.subarray(-32768);this.s={i:0,b:n?n.length:0},this.o=new He(32768),this.p=new He(0),n&&this.o.set(n)}return i.prototype.e=function(t){if(this.ondata||on(5),this.d&&on(4),!this.p.length)this.p=t;else if(t.length){var e=new He(this.p.length+t.length);e.set(this.p),e.set(t,this.p.length),this.p=e}},i.prototype.c=function(t){this.s.i=+(this.d=t||!1);var e=this.s.b,n=Zf(this.p,this.s,this.o);this.ondata(nr(n,e,this.s.b),this.d),this.o=nr(n,this.s.b-32768),this.s.b=this.o.length,this.p=nr(this.p,this.s.p/8|0),this.s.p&=7},i.prototype.push=function(t,e){this.e(t),this.c(e)},i})();function Mv(i,t){return Zf(i,{i:2},t&&t.out,t&&t.dictionary)}var wv=(function(){function i(t,e){this.v=1,this.r=0,Jc.call(this,t,e)}return i.prototype.push=function(t,e){if(Jc.prototype.e.call(this,t),this.r+=t.length,this.v){var n=this.p.subarray(this.v-1),s=n.length>3?bv(n):4;if(s>n.length){if(!e)return}else this.v>1&&this.onmember&&this.onmember(this.r-n.length);this.p=n.subarray(s),this.v=0}Jc.prototype.c.call(this,e),this.s.f&&!this.s.l&&!e&&(this.v=Kf(this.s.p)+9,this.s={i:0},this.o=new He(0),this.push(new He(0),e))},i})(),Fu=typeof TextDecoder<"u"&&new TextDecoder,Tv=0;try{Fu.decode(Sv,{stream:!0}),Tv=1}catch{}var Ev=function(i){for(var t="",e=0;;){var n=i[e++],s=(n>127)+(n>223)+(n>239);if(e+s>i.length)return{s:t,r:nr(i,e-1)};s?s==3?(n=((n&15)<<18|(i[e++]&63)<<12|(i[e++]&63)<<6|i[e++]&63)-65536,t+=String.fromCharCode(55296|n>>10,56320|n&1023)):s&1?t+=String.fromCharCode((n&31)<<6|i[e++]&63):t+=String.fromCharCode((n&15)<<12|(i[e++]&63)<<6|i[e++]&63):t+=String.fromCharCode(n)}};function Av(i,t){if(t){for(var e="",n=0;n<i.length;n+=16384)e+=String.fromCharCode.apply(null,i.subarray(n,n+16384));return e}else{if(Fu)return Fu.decode(i);var s=Ev(i),r=s.s,e=s.r;return e.length&&on(8),r}}var Rv=function(i,t){return t+30+ai(i,t+26)+ai(i,t+28)},Cv=function(i,t,e){var n=ai(i,t+28),s=Av(i.subarray(t+46,t+46+n),!(ai(i,t+8)&2048)),r=t+46+n,a=qn(i,t+20),o=e&&a==4294967295?Iv(i,r):[a,qn(i,t+24),qn(i,t+42)],c=o[0],l=o[1],u=o[2];return[ai(i,t+10),c,l,s,r+ai(i,t+30)+ai(i,t+32),u]},Iv=function(i,t){for(;ai(i,t)!=1;t+=4+ai(i,t+2));return[Qc(i,t+12),Qc(i,t+4),Qc(i,t+20)]};function Pv(i,t){for(var e={},n=i.length-22;qn(i,n)!=101010256;--n)(!n||i.length-n>65558)&&on(13);var s=ai(i,n+8);if(!s)return{};var r=qn(i,n+16),a=r==4294967295||s==65535;if(a){var o=qn(i,n-12);a=qn(i,o)==101075792,a&&(s=qn(i,o+32),r=qn(i,o+48))}for(var c=t&&t.filter,l=0;l<s;++l){var u=Cv(i,r,a),h=u[0],d=u[1],m=u[2],g=u[3],v=u[4],f=u[5],p=Rv(i,f);r=v,(!c||c({name:g,size:d,originalSize:m,compression:h}))&&(h?h==8?e[g]=Mv(i.subarray(p,p+d),{out:new He(m)}):on(14,"unknown compression type "+h):e[g]=nr(i,p,p+d))}return e}var Dv=Number.parseInt("187"),Lv=Dv>=179,da=new Float32Array(1),yl=new Uint32Array(da.buffer),oh="Float16Array"in globalThis,dl=oh?new globalThis.Float16Array(1):null,Qf=new Uint16Array(dl?.buffer);function jc(i){return da[0]=i,yl[0]}function tu(i){return yl[0]=i,da[0]}var si=oh?Fv:Nv,ri=oh?Uv:Ov;function Fv(i){return dl[0]=i,Qf[0]}function Nv(i){da[0]=i;let t=yl[0],e=t>>31&1,n=t>>23&255,s=t&8388607,r=e<<15;if(n===255)return s!==0?r|32767:r|31744;let a=n-127+15;if(a>=31)return r|31744;if(a<=0){if(a<-10)return r;let c=(s|8388608)>>1-a+13;return r|c}let o=s>>13;return r|a<<10|o}function Uv(i){return Qf[0]=i,dl[0]}function Ov(i){let t=i>>15&1,e=i>>10&31,n=i&1023,s;if(e===0)if(n===0)s=t<<31;else{let r=n,a=-14;for(;(r&1024)===0;)r<<=1,a--;r&=1023;let o=a+127,c=r<<13;s=t<<31|o<<23|c}else if(e===31)n===0?s=t<<31|2139095040:s=t<<31|2143289344;else{let r=e-15+127,a=n<<13;s=t<<31|r<<23|a}return yl[0]=s,da[0]}function rl(i){return Math.max(0,Math.min(255,Math.round(i*255)))}function zv(i){let t=[],e=new Set;function n(s){s&&typeof s=="object"&&!e.has(s)&&(e.add(s),s instanceof ArrayBuffer?t.push(s):ArrayBuffer.isView(s)?t.push(s.buffer):Array.isArray(s)?s.forEach(n):Object.values(s).forEach(n))}return n(i),t}function yf(i,t){return new Array(i).fill(null).map((e,n)=>t(n))}function vf(i,t,e,n,s,r,a,o,c,l,u,h,d,m,g,v){let f=t*4,[p,y]=i;p[f]=jc(e),p[f+1]=jc(n),p[f+2]=jc(s),p[f+3]=si(d),y[f]=si(m)|si(g)<<16,y[f+1]=si(v)|si(Math.log(r))<<16,y[f+2]=si(Math.log(a))|si(Math.log(o))<<16,y[f+3]=Qv(c,l,u,h)}function Nu(i,t){let e=Jf,n=t*4,[s,r]=i;return e.center.x=tu(s[n]),e.center.y=tu(s[n+1]),e.center.z=tu(s[n+2]),e.opacity=ri(s[n+3]&65535),e.color.r=ri(r[n]&65535),e.color.g=ri(r[n]>>>16),e.color.b=ri(r[n+1]&65535),e.scales.x=Math.exp(ri(r[n+1]>>>16)),e.scales.y=Math.exp(ri(r[n+2]&65535)),e.scales.z=Math.exp(ri(r[n+2]>>>16)),Jv(r[n+3],e.quaternion),e}function _f(i,t,e,n,s,r,a,o,c,l,u,h,d,m,g,v,f){let p=f?.rgbMin??0,M=(f?.rgbMax??1)-p,b=rl((m-p)/M),w=rl((g-p)/M),E=rl((v-p)/M),x=rl(f?.lodOpacity?.5*d:d),T=Kv(Bv.set(c,l,u,h)),N=T&255,P=T>>>8&255,D=T>>>16&255,U=f?.lnScaleMin??Sn,I=254/((f?.lnScaleMax??bn)-U),G=r<Yc?0:Math.min(255,Math.max(1,Math.round((Math.log(r)-U)*I)+1)),q=a<Yc?0:Math.min(255,Math.max(1,Math.round((Math.log(a)-U)*I)+1)),k=o<Yc?0:Math.min(255,Math.max(1,Math.round((Math.log(o)-U)*I)+1)),tt=si(e),H=si(n),Q=si(s),j=t*4;i[j]=b|w<<8|E<<16|x<<24,i[j+1]=tt|H<<16,i[j+2]=Q|N<<16|P<<24,i[j+3]=G|q<<8|k<<16|D<<24}var Bv=new oe;var kv=new C,Hv=new C,Vv=new oe,Gv=new Ot,Jf={center:kv,scales:Hv,quaternion:Vv,color:Gv,opacity:0};function Uu(i,t,e){let n=Jf,s=t*4,r=i[s],a=i[s+1],o=i[s+2],c=i[s+3],l=e?.rgbMin??0,h=(e?.rgbMax??1)-l;n.color.set(l+(r&255)/255*h,l+(r>>>8&255)/255*h,l+(r>>>16&255)/255*h),n.opacity=(r>>>24&255)/255,e?.lodOpacity&&(n.opacity=2*n.opacity),n.center.set(ri(a&65535),ri(a>>>16&65535),ri(o&65535));let d=e?.lnScaleMin??Sn,g=((e?.lnScaleMax??bn)-d)/254,v=c&255;n.scales.x=v===0?0:Math.exp(d+(v-1)*g);let f=c>>>8&255;n.scales.y=f===0?0:Math.exp(d+(f-1)*g);let p=c>>>16&255;n.scales.z=p===0?0:Math.exp(d+(p-1)*g);let y=o>>>16&65535|c>>>8&16711680;return Zv(y,n.quaternion),n}function ue(i){let t=Nt,e=Math.max(ev,Math.min(Fn,Math.ceil(i/t))),n=Math.ceil(i/(t*e)),s=t*e*n;return{width:t,height:e,depth:n,maxSplats:s}}function Ou(){return navigator.platform.toLowerCase().startsWith("win")?!1:navigator.maxTouchPoints>0?!0:/Mobi|Android|iPhone|iPad|iPod|Opera Mini|IEMobile/.test(navigator.userAgent)}function $v(){return/Android/.test(navigator.userAgent)||/Tizen/.test(navigator.userAgent)}function Wv(){return!!navigator.xr&&/Oculus/.test(navigator.userAgent)}function zu(){return/iPhone|iPad/.test(navigator.userAgent)}function qv(){return!!navigator.xr&&zu()&&/Safari/.test(navigator.userAgent)&&Ou()}var Xv=Me(`
  precision highp float;

  in vec3 position;

  void main() {
    gl_Position = vec4(position.xy, 0.0, 1.0);
  }
`);var Yv=new oe,Bu=new C;function Kv(i){let t=Yv.copy(i).normalize();t.w<0&&t.set(-t.x,-t.y,-t.z,-t.w);let e=2*Math.acos(t.w),n=Math.sqrt(t.x*t.x+t.y*t.y+t.z*t.z),s=n<1e-6?Bu.set(1,0,0):Bu.set(t.x,t.y,t.z).divideScalar(n),r=Math.abs(s.x)+Math.abs(s.y)+Math.abs(s.z),a=s.x/r,o=s.y/r;if(s.z<0){let m=a;a=(1-Math.abs(o))*(a>=0?1:-1),o=(1-Math.abs(m))*(o>=0?1:-1)}let c=a*.5+.5,l=o*.5+.5,u=Math.round(c*255),h=Math.round(l*255);return Math.round(e*(255/Math.PI))<<16|h<<8|u}function Zv(i,t){let e=i&255,n=i>>>8&255,s=i>>>16&255,r=e/255,a=n/255,o=(r-.5)*2,c=(a-.5)*2,l=1-(Math.abs(o)+Math.abs(c)),u=Math.max(-l,0);o+=o>=0?-u:u,c+=c>=0?-u:u;let h=Bu.set(o,c,l).normalize(),m=s/255*Math.PI*.5,g=Math.sin(m),v=Math.cos(m);return t.set(h.x*g,h.y*g,h.z*g,v),t}function Qv(i,t,e,n){let s=Math.sqrt(i*i+t*t+e*e+n*n),r=(n<0?-i:i)/s,a=(n<0?-t:t)/s,o=(n<0?-e:e)/s,c=(n<0?-n:n)/s,l=2*Math.acos(c),u=Math.sqrt(r*r+a*a+o*o),h=u<1e-6?1:r/u,d=u<1e-6?0:a/u,m=u<1e-6?0:o/u,g=Math.abs(h)+Math.abs(d)+Math.abs(m),v=h/g,f=d/g;if(m<0){let E=v;v=(1-Math.abs(f))*(v>=0?1:-1),f=(1-Math.abs(E))*(f>=0?1:-1)}let p=v*.5+.5,y=f*.5+.5,M=Math.round(p*1023),b=Math.round(y*1023);return Math.round(l*(4095/Math.PI))<<20|b<<10|M}function Jv(i,t){let e=i&1023,n=i>>>10&1023,s=i>>>20&4095,r=e/1023,a=n/1023,o=(r-.5)*2,c=(a-.5)*2,l=1-(Math.abs(o)+Math.abs(c)),u=Math.max(-l,0);o+=o>=0?-u:u,c+=c>=0?-u:u;let h=Math.sqrt(o*o+c*c+l*l),d=h<1e-6?0:o/h,m=h<1e-6?0:c/h,g=h<1e-6?0:l/h,f=s/4095*Math.PI*.5,p=Math.sin(f),y=Math.cos(f);return t.set(d*p,m*p,g*p,y),t}function jv(i,t){let e=[],n=0,s=null,r=new wv((c,l)=>{if(e.push(c),n+=c.length,l||n>=t){let u=new Uint8Array(n),h=0;for(let d of e)u.set(d,h),h+=d.length;s=u.slice(0,t)}}),a=1024,o=0;for(;s==null&&o<i.length;){let c=i.slice(o,o+a);r.push(c,!1),o+=a}if(s==null&&(r.push(new Uint8Array,!0),s==null))throw new Error("Failed to decompress partial gzip");return s}function ku(i,t,e,n,s){let r=i.getContext(),a=i.properties.get(t),o=a?.__webglTexture;if(!o)throw new Error("texture not found");let c=r.getParameter(r.UNPACK_FLIP_Y_WEBGL),l=r.getParameter(r.UNPACK_PREMULTIPLY_ALPHA_WEBGL);i.state.activeTexture(r.TEXTURE0),i.state.bindTexture(r.TEXTURE_2D,o),r.bindBuffer(r.PIXEL_UNPACK_BUFFER,null),r.pixelStorei(r.UNPACK_FLIP_Y_WEBGL,!1),r.pixelStorei(r.UNPACK_PREMULTIPLY_ALPHA_WEBGL,!1),r.texSubImage2D(r.TEXTURE_2D,0,0,0,e,n,r.RGBA_INTEGER,r.UNSIGNED_INT,s),i.state.unbindTexture(),r.pixelStorei(r.UNPACK_FLIP_Y_WEBGL,c),r.pixelStorei(r.UNPACK_PREMULTIPLY_ALPHA_WEBGL,l)}var oa=class{constructor({graph:t,inputs:e,outputs:n,template:s,consoleLog:r}){this.graph=t,this.template=s,this.inputs=e??{},this.outputs=n??{};let a=new cu({indent:this.template.indent});for(let c in this.outputs)this.outputs[c]&&a.declares.add(this.outputs[c]);let o=t.compile({inputs:this.inputs,outputs:this.outputs,compile:a});this.shader=s.generate({globals:a.globals,statements:o}),this.uniforms=a.uniforms,this.updaters=a.updaters,r&&(console.log("*** COMPILED SHADER",this.shader),console.log("*** UNIFORMS",this.uniforms))}prepareMaterial(){return t_(this)}update(){for(let t of this.updaters)t()}},ar=class{constructor(t){let e=t.match(/^([ \t]*)\{\{\s*GLOBALS\s*\}\}/m),n=t.match(/^([ \t]*)\{\{\s*STATEMENTS\s*\}\}/m);if(!e||!n)throw new Error("Template must contain {{ GLOBALS }} and {{ STATEMENTS }}");this.before=t.substring(0,e.index),this.between=t.substring(e.index+e[0].length,n.index),this.after=t.substring(n.index+n[0].length),this.indent=n[1]}generate({globals:t,statements:e}){return this.before+Array.from(t).join(`

`)+this.between+e.map(n=>this.indent+n).join(`
`)+this.after}},Sf=new WeakMap;function t_(i){let t=Sf.get(i);return t||(t=new xi({glslVersion:Bs,vertexShader:Xv,fragmentShader:i.shader,uniforms:i.uniforms}),Sf.set(i,t),t)}function jf(i,t,e="add"){let n=()=>{throw new Error(`Invalid ${e} types: ${i}, ${t}`)};if(i===t)return i;if(i==="int"){if(Ys(t))return t;n()}if(t==="int"){if(Ys(i))return i;n()}if(i==="uint"){if(Ks(t))return t;n()}if(t==="uint"){if(Ks(i))return i;n()}if(i==="float"){if(ul(t))return t;n()}if(t==="float"){if(ul(i))return i;n()}throw new Error(`Invalid ${e} types: ${i}, ${t}`)}function e_(i,t){return jf(i,t,"sub")}function n_(i,t){let e=()=>{throw new Error(`Invalid mul types: ${i}, ${t}`)},n=s=>s;if(i==="int"){if(Ys(t))return n(t);e()}if(t==="int"){if(Ys(i))return n(i);e()}if(i==="uint"){if(Ks(t))return n(t);e()}if(t==="uint"){if(Ks(i))return n(i);e()}if(i==="float"){if(ul(t))return n(t);e()}if(t==="float"){if(ul(i))return n(i);e()}if(Ys(i)||Ks(i)||Ys(t)||Ks(t)){if(i===t)return n(i);e()}if(i==="vec2"){if(t==="vec2"||$s(t))return n("vec2");if(t==="mat3x2")return n("vec3");if(t==="mat4x2")return n("vec4");e()}if(i==="vec3"){if(t==="mat2x3")return n("vec2");if(t==="vec3"||Ws(t))return n("vec3");if(t==="mat4x3")return n("vec4");e()}if(i==="vec4"){if(t==="mat2x4")return n("vec2");if(t==="mat3x4")return n("vec3");if(t==="vec4"||qs(t))return n("vec4");e()}if(t==="vec2"){if($s(i))return n("vec2");if(i==="mat2x3")return n("vec3");if(i==="mat2x4")return n("vec4");e()}if(t==="vec3"){if(i==="mat3x2")return n("vec2");if(Ws(i))return n("vec3");if(i==="mat3x4")return n("vec4");e()}if(t==="vec4"){if(i==="mat4x2")return n("vec2");if(i==="mat4x3")return n("vec3");if(qs(i))return n("vec4");e()}if($s(i)){if($s(t))return n("mat2");if(t==="mat3x2")return n("mat3x2");if(t==="mat4x2")return n("mat4x2");e()}if(i==="mat2x3"){if($s(t))return n("mat2x3");if(t==="mat3x2")return n("mat3");if(t==="mat4x2")return n("mat4x3");e()}if(i==="mat2x4"){if($s(t))return n("mat2x4");if(t==="mat3x2")return n("mat3x4");if(t==="mat4x2")return n("mat4");e()}if(i==="mat3x2"){if(t==="mat2x3")return n("mat2");if(Ws(t))return n("mat3x2");if(t==="mat4x3")return n("mat4x2");e()}if(Ws(i)){if(t==="mat2x3")return n("mat2x3");if(Ws(t))return n("mat3");if(t==="mat4x3")return n("mat4x3");e()}if(i==="mat3x4"){if(t==="mat2x3")return n("mat2x4");if(Ws(t))return n("mat3x4");if(t==="mat4x3")return n("mat4");e()}if(i==="mat4x2"){if(t==="mat2x4")return n("mat2");if(t==="mat3x4")return n("mat3x2");if(qs(t))return n("mat4x2");e()}if(i==="mat4x3"){if(t==="mat2x4")return n("mat2x3");if(t==="mat3x4")return n("mat3");if(qs(t))return n("mat4x3");e()}if(qs(i)){if(t==="mat2x4")return n("mat2x4");if(t==="mat3x4")return n("mat3x4");if(qs(t))return n("mat4");e()}throw new Error(`Invalid mul types: ${i}, ${t}`)}var or=(i,t)=>new Hu({a:i,b:t}),lr=(i,t)=>new Vu({a:i,b:t}),cr=(i,t)=>new Gu({a:i,b:t});var Hu=class extends ra{constructor({a:t,b:e}){super({a:t,b:e,outKey:"sum",outTypeFunc:jf}),this.statements=({inputs:n,outputs:s})=>[`${s.sum} = ${n.a} + ${n.b};`]}},Vu=class extends ra{constructor({a:t,b:e}){super({a:t,b:e,outKey:"difference",outTypeFunc:e_}),this.statements=({inputs:n,outputs:s})=>[`${s.difference} = ${n.a} - ${n.b};`]}},Gu=class extends ra{constructor({a:t,b:e}){super({a:t,b:e,outKey:"product",outTypeFunc:n_}),this.statements=({inputs:n,outputs:s})=>[`${s.product} = ${n.a} * ${n.b};`]}};var fl=i=>new $u({a:i});var $u=class extends hu{constructor({a:t}){super({a:t,outTypeFunc:e=>e,outKey:"normalize"}),this.statements=({inputs:e,outputs:n})=>[`${n.normalize} = normalize(${e.a});`]}};var i_=(i,{scale:t,scales:e,rotate:n,translate:s})=>new Wu({position:i,scale:t,scales:e,rotate:n,translate:s}).outputs.position,s_=(i,{scale:t,scales:e,rotate:n})=>new qu({dir:i,scale:t,scales:e,rotate:n}).outputs.dir;var Wu=class extends Gt{constructor({position:t,scale:e,scales:n,rotate:s,translate:r}){super({inTypes:{position:"vec3",scale:"float",scales:"vec3",rotate:"vec4",translate:"vec3"},outTypes:{position:"vec3"},inputs:{position:t,scale:e,scales:n,rotate:s,translate:r},statements:({inputs:a,outputs:o})=>{let{position:c}=o;if(!c)return[];let{scale:l,scales:u,rotate:h,translate:d}=a;return[`${c} = ${a.position??"vec3(0.0, 0.0, 0.0)"};`,l?`${c} *= ${l};`:null,u?`${c} *= ${u};`:null,h?`${c} = quatVec(${h}, ${c});`:null,d?`${c} += ${d};`:null].filter(Boolean)}})}},qu=class extends Gt{constructor({dir:t,scale:e,scales:n,rotate:s}){super({inTypes:{dir:"vec3",scale:"float",scales:"vec3",rotate:"vec4"},outTypes:{dir:"vec3"},inputs:{dir:t,scale:e,scales:n,rotate:s},statements:({inputs:r,outputs:a})=>{let{dir:o}=a;if(!o)return[];let{scale:c,scales:l,rotate:u}=r;return[`${o} = ${r.dir??"vec3(0.0, 0.0, 0.0)"};`,c?`${o} *= ${c};`:null,l?`${o} *= ${l};`:null,u?`${o} = quatVec(${u}, ${o});`:null].filter(Boolean)}})}};var r_=`precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision highp isampler2D;
precision highp sampler2DArray;
precision highp usampler2DArray;
precision highp isampler2DArray;
precision highp sampler3D;
precision highp usampler3D;
precision highp isampler3D;

#include <splatDefines>

uniform uint targetLayer;
uniform int targetBase;
uniform int targetCount;

out uvec4 target;

{{ GLOBALS }}

void produceSplat(int _index) {
    {{ STATEMENTS }}
}

void main() {
    int targetIndex = int(targetLayer << SPLAT_TEX_LAYER_BITS) + int(uint(gl_FragCoord.y) << SPLAT_TEX_WIDTH_BITS) + int(gl_FragCoord.x);
    int index = targetIndex - targetBase;

    target = uvec4(0u, 0u, 0u, 0u);
    if ((index >= 0) && (index < targetCount)) {
        produceSplat(index);
    }
}`,a_=`precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision highp isampler2D;
precision highp sampler2DArray;
precision highp usampler2DArray;
precision highp isampler2DArray;
precision highp sampler3D;
precision highp usampler3D;
precision highp isampler3D;

#include <splatDefines>

uniform uint targetLayer;
uniform int targetBase;
uniform int targetCount;

layout(location = 0) out uvec4 target;
layout(location = 1) out vec4 target3;

{{ GLOBALS }}

void produceSplat(int _index) {
    {{ STATEMENTS }}
}

void main() {
    int targetIndex = int(targetLayer << SPLAT_TEX_LAYER_BITS) + int(uint(gl_FragCoord.y) << SPLAT_TEX_WIDTH_BITS) + int(gl_FragCoord.x);
    int index = targetIndex - targetBase;

    
    target = uvec4(0u, 0u, 0u, 0u);

    
    target3 = floatToVec4(1.0 / 0.0);

    if ((index >= 0) && (index < targetCount)) {
        produceSplat(index);
    }
}`,o_=`precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision highp isampler2D;
precision highp sampler2DArray;
precision highp usampler2DArray;
precision highp isampler2DArray;
precision highp sampler3D;
precision highp usampler3D;
precision highp isampler3D;

#include <splatDefines>

uniform uint targetLayer;
uniform int targetBase;
uniform int targetCount;

layout(location = 0) out uvec4 target;
layout(location = 1) out uvec4 target2;
layout(location = 2) out vec4 target3;

{{ GLOBALS }}

void produceSplat(int _index) {
    {{ STATEMENTS }}
}

void main() {
    int targetIndex = int(targetLayer << SPLAT_TEX_LAYER_BITS) + int(uint(gl_FragCoord.y) << SPLAT_TEX_WIDTH_BITS) + int(gl_FragCoord.x);
    int index = targetIndex - targetBase;

    
    target = uvec4(0u, 0u, 0u, 0u);
    target2 = uvec4(0u, 0u, 0u, 0u);

    
    target3 = floatToVec4(1.0 / 0.0);

    if ((index >= 0) && (index < targetCount)) {
        produceSplat(index);
    }
}`,l_=`precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision highp isampler2D;
precision highp sampler2DArray;
precision highp usampler2DArray;
precision highp isampler2DArray;
precision highp sampler3D;
precision highp usampler3D;
precision highp isampler3D;

#include <splatDefines>

uniform uint targetLayer;
uniform int targetBase;
uniform int targetCount;

out vec4 target;

{{ GLOBALS }}

void computeReadback(int _index) {
    {{ STATEMENTS }}
}

void main() {
    int targetIndex = int(targetLayer << SPLAT_TEX_LAYER_BITS) + int(uint(gl_FragCoord.y) << SPLAT_TEX_WIDTH_BITS) + int(gl_FragCoord.x);
    int index = targetIndex - targetBase;

    if ((index >= 0) && (index < targetCount)) {
        computeReadback(index);
    } else {
        target = vec4(0.0, 0.0, 0.0, 0.0);
    }
}`,c_=`const float LN_SCALE_MIN = -12.0;
const float LN_SCALE_MAX = 9.0;

const uint SPLAT_TEX_WIDTH_BITS = 11u;
const uint SPLAT_TEX_HEIGHT_BITS = 11u;
const uint SPLAT_TEX_DEPTH_BITS = 11u;
const uint SPLAT_TEX_LAYER_BITS = SPLAT_TEX_WIDTH_BITS + SPLAT_TEX_HEIGHT_BITS;

const uint SPLAT_TEX_WIDTH = 1u << SPLAT_TEX_WIDTH_BITS;
const uint SPLAT_TEX_HEIGHT = 1u << SPLAT_TEX_HEIGHT_BITS;
const uint SPLAT_TEX_DEPTH = 1u << SPLAT_TEX_DEPTH_BITS;

const uint SPLAT_TEX_WIDTH_MASK = SPLAT_TEX_WIDTH - 1u;
const uint SPLAT_TEX_HEIGHT_MASK = SPLAT_TEX_HEIGHT - 1u;
const uint SPLAT_TEX_DEPTH_MASK = SPLAT_TEX_DEPTH - 1u;

const uint F16_INF = 0x7c00u;
const float PI = 3.1415926535897932384626433832795;

const float INFINITY = 1.0 / 0.0;
const float NEG_INFINITY = -INFINITY;

float sqr(float x) {
    return x * x;
}

float pow4(float x) {
    float x2 = x * x;
    return x2 * x2;
}

float pow8(float x) {
    float x4 = pow4(x);
    return x4 * x4;
}

vec3 srgbToLinear(vec3 rgb) {
    return pow(rgb, vec3(2.2));
}

vec3 linearToSrgb(vec3 rgb) {
    return pow(rgb, vec3(1.0 / 2.2));
}

uint encodeQuatOctXy88R8(vec4 q) {
    
    if (q.w < 0.0) {
        q = -q;
    }
    
    float theta = 2.0 * acos(q.w);
    float halfTheta = theta * 0.5;
    float s = sin(halfTheta);
    
    vec3 axis = (abs(s) < 1e-6) ? vec3(1.0, 0.0, 0.0) : q.xyz / s;
    
    
    
    float sum = abs(axis.x) + abs(axis.y) + abs(axis.z);
    vec2 p = vec2(axis.x, axis.y) / sum;
    
    if (axis.z < 0.0) {
        float oldPx = p.x;
        p.x = (1.0 - abs(p.y)) * (p.x >= 0.0 ? 1.0 : -1.0);
        p.y = (1.0 - abs(oldPx)) * (p.y >= 0.0 ? 1.0 : -1.0);
    }
    
    float u_f = p.x * 0.5 + 0.5;
    float v_f = p.y * 0.5 + 0.5;
    
    uint quantU = uint(clamp(round(u_f * 255.0), 0.0, 255.0));
    uint quantV = uint(clamp(round(v_f * 255.0), 0.0, 255.0));
    
    
    
    uint angleInt = uint(clamp(round((theta / 3.14159265359) * 255.0), 0.0, 255.0));
    
    
    return (angleInt << 16u) | (quantV << 8u) | quantU;
}

vec4 decodeQuatOctXy88R8(uint encoded) {
    
    uint quantU = encoded & uint(0xFFu);               
    uint quantV = (encoded >> 8u) & uint(0xFFu);         
    uint angleInt = encoded >> 16u;                      

    
    float u_f = float(quantU) / 255.0;
    float v_f = float(quantV) / 255.0;
    vec2 f = vec2(u_f * 2.0 - 1.0, v_f * 2.0 - 1.0);

    vec3 axis = vec3(f.xy, 1.0 - abs(f.x) - abs(f.y));
    float t = max(-axis.z, 0.0);
    axis.x += (axis.x >= 0.0) ? -t : t;
    axis.y += (axis.y >= 0.0) ? -t : t;
    axis = normalize(axis);
    
    
    float theta = (float(angleInt) / 255.0) * 3.14159265359;
    float halfTheta = theta * 0.5;
    float s = sin(halfTheta);
    float w = cos(halfTheta);
    
    return vec4(axis * s, w);
}

uint encodeQuatOctXy1010R12(vec4 q) {
    
    if (q.w < 0.0) {
        q = -q;
    }
    
    float halfTheta = acos(q.w);
    float theta = 2.0 * halfTheta;
    float s = sin(halfTheta);
    
    vec3 axis = (abs(s) < 1e-6) ? vec3(1.0, 0.0, 0.0) : q.xyz / s;
    
    
    
    float sum = abs(axis.x) + abs(axis.y) + abs(axis.z);
    vec2 p = vec2(axis.x, axis.y) / sum;
    
    if (axis.z < 0.0) {
        float oldPx = p.x;
        p.x = (1.0 - abs(p.y)) * (p.x >= 0.0 ? 1.0 : -1.0);
        p.y = (1.0 - abs(oldPx)) * (p.y >= 0.0 ? 1.0 : -1.0);
    }
    
    float u_f = p.x * 0.5 + 0.5;
    float v_f = p.y * 0.5 + 0.5;
    
    uint quantU = uint(clamp(round(u_f * 1023.0), 0.0, 1023.0));
    uint quantV = uint(clamp(round(v_f * 1023.0), 0.0, 1023.0));
    
    
    
    uint angleInt = uint(clamp(round((theta / PI) * 4095.0), 0.0, 4095.0));
    
    
    return (angleInt << 20u) | (quantV << 10u) | quantU;
}

vec4 decodeQuatOctXy1010R12(uint encoded) {
    
    uint quantU = encoded & uint(0x3FFu);               
    uint quantV = (encoded >> 10u) & uint(0x3FFu);         
    uint angleInt = encoded >> 20u;                      

    
    float u_f = float(quantU) / 1023.0;
    float v_f = float(quantV) / 1023.0;
    vec2 f = vec2(u_f * 2.0 - 1.0, v_f * 2.0 - 1.0);

    vec3 axis = vec3(f.xy, 1.0 - abs(f.x) - abs(f.y));
    float t = max(-axis.z, 0.0);
    axis.x += (axis.x >= 0.0) ? -t : t;
    axis.y += (axis.y >= 0.0) ? -t : t;
    axis = normalize(axis);
    
    
    float theta = (float(angleInt) / 4095.0) * PI;
    float halfTheta = theta * 0.5;
    float s = sin(halfTheta);
    float w = cos(halfTheta);
    
    return vec4(axis * s, w);
}

uvec4 packSplatEncoding(
    vec3 center, vec3 scales, vec4 quaternion, vec4 rgba, vec4 rgbMinMaxLnScaleMinMax
) {
    float rgbMin = rgbMinMaxLnScaleMinMax.x;
    float rgbMax = rgbMinMaxLnScaleMinMax.y;
    vec3 encRgb = (rgba.rgb - vec3(rgbMin)) / (rgbMax - rgbMin);
    uvec4 uRgba = uvec4(round(clamp(vec4(encRgb, rgba.a) * 255.0, 0.0, 255.0)));

    uint uQuat = encodeQuatOctXy88R8(quaternion);
    
    
    uvec3 uQuat3 = uvec3(uQuat & 0xffu, (uQuat >> 8u) & 0xffu, (uQuat >> 16u) & 0xffu);

    
    float lnScaleMin = rgbMinMaxLnScaleMinMax.z;
    float lnScaleMax = rgbMinMaxLnScaleMinMax.w;
    float lnScaleScale = 254.0 / (lnScaleMax - lnScaleMin);
    uvec3 uScales = uvec3(
        (scales.x == 0.0) ? 0u : uint(round(clamp((log(scales.x) - lnScaleMin) * lnScaleScale, 0.0, 254.0))) + 1u,
        (scales.y == 0.0) ? 0u : uint(round(clamp((log(scales.y) - lnScaleMin) * lnScaleScale, 0.0, 254.0))) + 1u,
        (scales.z == 0.0) ? 0u : uint(round(clamp((log(scales.z) - lnScaleMin) * lnScaleScale, 0.0, 254.0))) + 1u
    );

    
    uint word0 = uRgba.r | (uRgba.g << 8u) | (uRgba.b << 16u) | (uRgba.a << 24u);
    uint word1 = packHalf2x16(center.xy);
    uint word2 = packHalf2x16(vec2(center.z, 0.0)) | (uQuat3.x << 16u) | (uQuat3.y << 24u);
    uint word3 = uScales.x | (uScales.y << 8u) | (uScales.z << 16u) | (uQuat3.z << 24u);
    return uvec4(word0, word1, word2, word3);
}

uvec4 packSplat(vec3 center, vec3 scales, vec4 quaternion, vec4 rgba) {
    return packSplatEncoding(center, scales, quaternion, rgba, vec4(0.0, 1.0, LN_SCALE_MIN, LN_SCALE_MAX));
}

void unpackSplatEncoding(uvec4 packedData, out vec3 center, out vec3 scales, out vec4 quaternion, out vec4 rgba, vec4 rgbMinMaxLnScaleMinMax) {
    uint word0 = packedData.x, word1 = packedData.y, word2 = packedData.z, word3 = packedData.w;

    uvec4 uRgba = uvec4(word0 & 0xffu, (word0 >> 8u) & 0xffu, (word0 >> 16u) & 0xffu, (word0 >> 24u) & 0xffu);
    float rgbMin = rgbMinMaxLnScaleMinMax.x;
    float rgbMax = rgbMinMaxLnScaleMinMax.y;
    rgba = (vec4(uRgba) / 255.0);
    rgba.rgb = rgba.rgb * (rgbMax - rgbMin) + rgbMin;

    center = vec4(
        unpackHalf2x16(word1),
        unpackHalf2x16(word2 & 0xffffu)
    ).xyz;

    uvec3 uScales = uvec3(word3 & 0xffu, (word3 >> 8u) & 0xffu, (word3 >> 16u) & 0xffu);
    float lnScaleMin = rgbMinMaxLnScaleMinMax.z;
    float lnScaleMax = rgbMinMaxLnScaleMinMax.w;
    float lnScaleScale = (lnScaleMax - lnScaleMin) / 254.0;
    scales = vec3(
        (uScales.x == 0u) ? 0.0 : exp(lnScaleMin + float(uScales.x - 1u) * lnScaleScale),
        (uScales.y == 0u) ? 0.0 : exp(lnScaleMin + float(uScales.y - 1u) * lnScaleScale),
        (uScales.z == 0u) ? 0.0 : exp(lnScaleMin + float(uScales.z - 1u) * lnScaleScale)
    );

    uint uQuat = ((word2 >> 16u) & 0xFFFFu) | ((word3 >> 8u) & 0xFF0000u);
    quaternion = decodeQuatOctXy88R8(uQuat);
    
    
}

void unpackSplat(uvec4 packedData, out vec3 center, out vec3 scales, out vec4 quaternion, out vec4 rgba) {
    unpackSplatEncoding(packedData, center, scales, quaternion, rgba, vec4(0.0, 1.0, LN_SCALE_MIN, LN_SCALE_MAX));
}

uvec4 packSplatCovEncoding(
    vec3 center, vec4 rgba, vec3 xxyyzz, vec3 xyxzyz, vec4 rgbMinMaxLnScaleMinMax
) {
    float rgbMin = rgbMinMaxLnScaleMinMax.x;
    float rgbMax = rgbMinMaxLnScaleMinMax.y;
    vec3 encRgb = (rgba.rgb - vec3(rgbMin)) / (rgbMax - rgbMin);
    uvec4 uRgba = uvec4(round(clamp(vec4(encRgb, rgba.a) * 255.0, 0.0, 255.0)));

    float lnScaleMin = rgbMinMaxLnScaleMinMax.z;
    float lnScaleMax = rgbMinMaxLnScaleMinMax.w;
    float diagScale = 255.0 / (2.0 * (lnScaleMax - lnScaleMin));
    uvec3 uXxyyzz = uvec3(round(clamp((log(xxyyzz) - 2.0 * lnScaleMin) * diagScale, 0.0, 255.0)));

    vec3 xyxzyzCor = vec3(
        clamp(xyxzyz.x / sqrt(xxyyzz.x * xxyyzz.y), -1.0, 1.0),
        clamp(xyxzyz.y / sqrt(xxyyzz.x * xxyyzz.z), -1.0, 1.0),
        clamp(xyxzyz.z / sqrt(xxyyzz.y * xxyyzz.z), -1.0, 1.0)
    );
    ivec3 iXyxzyzCor = ivec3(round(xyxzyzCor * 127.0));

    
    uint word0 = uRgba.r | (uRgba.g << 8u) | (uRgba.b << 16u) | (uRgba.a << 24u);
    uint word1 = packHalf2x16(center.xy);
    uint word2 = packHalf2x16(vec2(center.z, 0.0)) |
        ((uint(iXyxzyzCor.y) & 0xffu) << 16u) |
        ((uint(iXyxzyzCor.z) & 0xffu) << 24u);
    uint word3 =
        uXxyyzz.x | (uXxyyzz.y << 8u) | (uXxyyzz.z << 16u) |
        ((uint(iXyxzyzCor.x) & 0xffu) << 24u);
    return uvec4(word0, word1, word2, word3);
}

void unpackSplatCovEncoding(uvec4 packedData, out vec3 center, out vec4 rgba, out vec3 xxyyzz, out vec3 xyxzyz, vec4 rgbMinMaxLnScaleMinMax) {
    uint word0 = packedData.x, word1 = packedData.y, word2 = packedData.z, word3 = packedData.w;

    uvec4 uRgba = uvec4(word0 & 0xffu, (word0 >> 8u) & 0xffu, (word0 >> 16u) & 0xffu, (word0 >> 24u) & 0xffu);
    float rgbMin = rgbMinMaxLnScaleMinMax.x;
    float rgbMax = rgbMinMaxLnScaleMinMax.y;
    rgba = (vec4(uRgba) / 255.0);
    rgba.rgb = rgba.rgb * (rgbMax - rgbMin) + rgbMin;

    center = vec3(
        unpackHalf2x16(word1),
        unpackHalf2x16(word2 & 0xffffu).x
    );

    uvec3 uXxyyzz = uvec3(word3 & 0xffu, (word3 >> 8u) & 0xffu, (word3 >> 16u) & 0xffu);
    ivec3 iXyxzyzCor = ivec3(int(word3) >> 24, int(word2 << 8u) >> 24, int(word2) >> 24);

    float lnScaleMin = rgbMinMaxLnScaleMinMax.z;
    float lnScaleMax = rgbMinMaxLnScaleMinMax.w;
    float diagScale = 2.0 * (lnScaleMax - lnScaleMin) / 255.0;
    xxyyzz = exp(2.0 * lnScaleMin + vec3(uXxyyzz) * diagScale);

    vec3 xyxzyzCor = vec3(iXyxzyzCor) / 127.0;
    xyxzyz = xyxzyzCor * vec3(
        sqrt(xxyyzz.x * xxyyzz.y),
        sqrt(xxyyzz.x * xxyyzz.z),
        sqrt(xxyyzz.y * xxyyzz.z)
    );
}

void packSplatExtCov(
    out uvec4 packedData, out uvec4 packedData2,
    vec3 center, vec4 rgba, vec3 xxyyzz, vec3 xyxzyz
) {
    packedData.x = floatBitsToUint(center.x);
    packedData.y = floatBitsToUint(center.y);
    packedData.z = floatBitsToUint(center.z);
    packedData.w = packHalf2x16(vec2(rgba.a, rgba.b));
    packedData2.x = packHalf2x16(rgba.rg);

    vec3 xyxzyzCor = vec3(
        clamp(xyxzyz.x / sqrt(xxyyzz.x * xxyyzz.y), -1.0, 1.0),
        clamp(xyxzyz.y / sqrt(xxyyzz.x * xxyyzz.z), -1.0, 1.0),
        clamp(xyxzyz.z / sqrt(xxyyzz.y * xxyyzz.z), -1.0, 1.0)
    );
    xyxzyzCor = sign(xyxzyzCor) * clamp(log(abs(xyxzyzCor)), -100.0, -0.0000001);
    xxyyzz = log(xxyyzz);

    packedData2.y = packHalf2x16(vec2(xxyyzz.x, xxyyzz.y));
    packedData2.z = packHalf2x16(vec2(xxyyzz.z, xyxzyzCor.x));
    packedData2.w = packHalf2x16(vec2(xyxzyzCor.y, xyxzyzCor.z));
}

void unpackSplatExtCov(
    uvec4 packedData, uvec4 packedData2,
    out vec3 center, out vec4 rgba, out vec3 xxyyzz, out vec3 xyxzyz
) {
    center.x = uintBitsToFloat(packedData.x);
    center.y = uintBitsToFloat(packedData.y);
    center.z = uintBitsToFloat(packedData.z);

    vec2 ab = unpackHalf2x16(packedData.w);
    vec2 rg = unpackHalf2x16(packedData2.x);
    rgba = vec4(rg, ab.y, ab.x);

    vec2 xxyy = unpackHalf2x16(packedData2.y);
    vec2 zzxy = unpackHalf2x16(packedData2.z);
    vec2 xzyz = unpackHalf2x16(packedData2.w);
    xxyyzz = exp(vec3(xxyy.x, xxyy.y, zzxy.x));
    xyxzyz = vec3(zzxy.y, xzyz.x, xzyz.y);
    xyxzyz = -sign(xyxzyz) * exp(-abs(xyxzyz));
    xyxzyz *= vec3(
        sqrt(xxyyzz.x * xxyyzz.y),
        sqrt(xxyyzz.x * xxyyzz.z),
        sqrt(xxyyzz.y * xxyyzz.z)
    );
}

void packSplatExt(
    out uvec4 packedData, out uvec4 packedData2,
    vec3 center, vec3 scales, vec4 quaternion, vec4 rgba
) {
    packedData.x = floatBitsToUint(center.x);
    packedData.y = floatBitsToUint(center.y);
    packedData.z = floatBitsToUint(center.z);
    packedData.w = packHalf2x16(vec2(rgba.a, 0.0));

    packedData2.x = packHalf2x16(rgba.rg);
    packedData2.y = packHalf2x16(vec2(rgba.b, log(scales.x)));
    packedData2.z = packHalf2x16(log(scales.yz));
    packedData2.w = encodeQuatOctXy1010R12(quaternion);
}

vec4 unpackSplatExtCenterAlpha(uvec4 packedData) {
    return vec4(
        uintBitsToFloat(packedData.x),
        uintBitsToFloat(packedData.y),
        uintBitsToFloat(packedData.z),
        unpackHalf2x16(packedData.w).x
    );
}

float unpackSplatExtAlpha(uvec4 packedData) {
    return unpackHalf2x16(packedData.w).x;
}

void unpackSplatExt(
    uvec4 packedData, uvec4 packedData2,
    out vec3 center, out vec3 scales, out vec4 quaternion, out vec4 rgba
) {
    center.x = uintBitsToFloat(packedData.x);
    center.y = uintBitsToFloat(packedData.y);
    center.z = uintBitsToFloat(packedData.z);
    rgba.a = unpackHalf2x16(packedData.w).x;

    rgba.rg = unpackHalf2x16(packedData2.x);
    vec2 split = unpackHalf2x16(packedData2.y);
    rgba.b = split.x;
    scales.x = exp(split.y);
    scales.yz = exp(unpackHalf2x16(packedData2.z));
    quaternion = decodeQuatOctXy1010R12(packedData2.w);
}

uint encodeExtRgb(vec3 rgb) {
    vec3 absRgb = abs(rgb);
    float maxAbs = max(absRgb.r, max(absRgb.g, absRgb.b));

    int base = clamp(int(floor(log2(maxAbs))) + 15, 0, 31);
    float divisor = exp2(float(base - 15)) / 255.0;

    uvec3 uRgb = uvec3(round(clamp(absRgb / divisor, 0.0, 255.0)));
    uint expSigns = (uint(base) << 3u) | ((rgb.r < 0.0 ? 0x1u : 0u) | (rgb.g < 0.0 ? 0x2u : 0u) | (rgb.b < 0.0 ? 0x4u : 0u));
    return uRgb.r | (uRgb.g << 8u) | (uRgb.b << 16u) | (expSigns << 24u);
}

vec3 decodeExtRgb(uint encoded) {
    uint biasedBase = (encoded >> 27u) & 0x1fu;
    float divisor = exp2(float(int(biasedBase) - 15)) / 255.0;

    vec3 rgb = vec3(uvec3(encoded & 0xffu, (encoded >> 8u) & 0xffu, (encoded >> 16u) & 0xffu));
    rgb *= divisor;

    return vec3(
        ((encoded & 0x1000000u) != 0u) ? -rgb.r : rgb.r,
        ((encoded & 0x2000000u) != 0u) ? -rgb.g : rgb.g,
        ((encoded & 0x4000000u) != 0u) ? -rgb.b : rgb.b
    );
}

vec3 quatVec(vec4 q, vec3 v) {
    
    vec3 t = 2.0 * cross(q.xyz, v);
    return v + q.w * t + cross(q.xyz, t);
}

vec4 quatQuat(vec4 q1, vec4 q2) {
    return vec4(
        q1.w * q2.x + q1.x * q2.w + q1.y * q2.z - q1.z * q2.y,
        q1.w * q2.y - q1.x * q2.z + q1.y * q2.w + q1.z * q2.x,
        q1.w * q2.z + q1.x * q2.y - q1.y * q2.x + q1.z * q2.w,
        q1.w * q2.w - q1.x * q2.x - q1.y * q2.y - q1.z * q2.z
    );
}

mat3 quaternionToMatrix(vec4 q) {
    return mat3(
        (1.0 - 2.0 * (q.y * q.y + q.z * q.z)),
        (2.0 * (q.x * q.y + q.w * q.z)),
        (2.0 * (q.x * q.z - q.w * q.y)),
        (2.0 * (q.x * q.y - q.w * q.z)),
        (1.0 - 2.0 * (q.x * q.x + q.z * q.z)),
        (2.0 * (q.y * q.z + q.w * q.x)),
        (2.0 * (q.x * q.z + q.w * q.y)),
        (2.0 * (q.y * q.z - q.w * q.x)),
        (1.0 - 2.0 * (q.x * q.x + q.y * q.y))
    );
}

mat3 scaleQuaternionToMatrix(vec3 s, vec4 q) {
    
    return mat3(
        s.x * (1.0 - 2.0 * (q.y * q.y + q.z * q.z)),
        s.x * (2.0 * (q.x * q.y + q.w * q.z)),
        s.x * (2.0 * (q.x * q.z - q.w * q.y)),
        s.y * (2.0 * (q.x * q.y - q.w * q.z)),
        s.y * (1.0 - 2.0 * (q.x * q.x + q.z * q.z)),
        s.y * (2.0 * (q.y * q.z + q.w * q.x)),
        s.z * (2.0 * (q.x * q.z + q.w * q.y)),
        s.z * (2.0 * (q.y * q.z - q.w * q.x)),
        s.z * (1.0 - 2.0 * (q.x * q.x + q.y * q.y))
    );
}

vec4 slerp(vec4 q1, vec4 q2, float t) {
    
    float cosHalfTheta = dot(q1, q2);

    
    if (abs(cosHalfTheta) >= 0.999) {
        return q1;
    }
    
    
    
    if (cosHalfTheta < 0.0) {
        q2 = -q2;
        cosHalfTheta = -cosHalfTheta;
    }

    
    float halfTheta = acos(cosHalfTheta);
    float sinHalfTheta = sqrt(1.0 - cosHalfTheta * cosHalfTheta);

    
    float ratioA = sin((1.0 - t) * halfTheta) / sinHalfTheta;
    float ratioB = sin(t * halfTheta) / sinHalfTheta;

    
    return q1 * ratioA + q2 * ratioB;
}

ivec3 splatTexCoord(int index) {
    uint x = uint(index) & SPLAT_TEX_WIDTH_MASK;
    uint y = (uint(index) >> SPLAT_TEX_WIDTH_BITS) & SPLAT_TEX_HEIGHT_MASK;
    uint z = uint(index) >> SPLAT_TEX_LAYER_BITS;
    return ivec3(x, y, z);
}

ivec3 pagedSplatTexCoord(int index) {
    return ivec3(index & 255, (index >> 8) & 255, index >> 16);
}

vec4 uintToVec4(uint u32) {
    uvec4 bytes = uvec4(
        u32 & 0xFFu,
        (u32 >> 8u) & 0xFFu,
        (u32 >> 16u) & 0xFFu,
        (u32 >> 24u) & 0xFFu
    );
    return vec4(bytes) / 255.0;
}

vec4 floatToVec4(float f) {
    uint u32 = floatBitsToUint(f);
    return uintToVec4(u32);
}

vec3 debugColorHue(uint i) {
    
    float hue = fract(float(i) * 0.61803398875);
    
    vec3 rgb = clamp(abs(mod(hue*6.0 + vec3(0.0,4.0,2.0), 6.0) - 3.0) - 1.0, 0.0, 1.0);
    return mix(vec3(1.0), rgb, 0.85); 
}`,u_=`precision highp float;
precision highp int;

#include <splatDefines>

uniform float near;
uniform float far;
uniform bool encodeLinear;
uniform float time;
uniform bool debugFlag;
uniform float maxStdDev;
uniform float minAlpha;
uniform bool disableFalloff;
uniform float falloff;

out vec4 fragColor;

in vec4 vRgba;
in vec2 vSplatUv;
in vec3 vNdc;
flat in uint vSplatIndex;
flat in float adjustedStdDev;

#include <logdepthbuf_pars_fragment>

void main() {
    vec4 rgba = vRgba;

    float z2 = dot(vSplatUv, vSplatUv);
    if (z2 > (adjustedStdDev * adjustedStdDev)) {
        discard;
    }

    if (false) {
    
        float a = rgba.a;
        float shifted = sqrt(z2) - max(0.0, a - 1.0);
        float exponent = -0.5 * max(1.0, a) * sqr(max(0.0, shifted));
        float min1a = min(1.0, a);
        rgba.a = mix(min1a, min1a * exp(exponent), falloff);
    } else {
        
        if (rgba.a <= 1.0) {
            rgba.a = mix(rgba.a, rgba.a * exp(-0.5 * z2), falloff);
        } else {
            float a = exp((rgba.a*rgba.a - 1.0) / 2.718281828459045);
            float alpha = 1.0 - pow(1.0 - exp(-0.5 * z2), a);
            rgba.a = mix(1.0, alpha, falloff);
        }
    }

    if (rgba.a < minAlpha) {
        discard;
    }
    if (encodeLinear) {
        rgba.rgb = srgbToLinear(rgba.rgb);
    }

    #ifdef PREMULTIPLIED_ALPHA
        fragColor = vec4(rgba.rgb * rgba.a, rgba.a);
    #else
        fragColor = rgba;
    #endif

    #include <logdepthbuf_fragment>
}`,h_=`precision highp float;
precision highp int;
precision highp usampler2DArray;

#include <splatDefines>

out vec4 vRgba;
out vec2 vSplatUv;
out vec3 vNdc;
flat out uint vSplatIndex;
flat out float adjustedStdDev;

uniform vec2 renderSize;
uniform vec4 renderToViewQuat;
uniform vec3 renderToViewPos;
uniform mat3 renderToViewBasis;
uniform float maxStdDev;
uniform float minPixelRadius;
uniform float maxPixelRadius;
uniform bool enableExtSplats;
uniform bool enableCovSplats;
uniform float time;
uniform float deltaTime;
uniform bool debugFlag;
uniform float minAlpha;
uniform bool enable2DGS;
uniform bool lodInflate;
uniform float blurAmount;
uniform float preBlurAmount;
uniform float focalDistance;
uniform float apertureAngle;
uniform float clipXY;
uniform float focalAdjustment;

uniform usampler2D ordering;
uniform usampler2DArray extSplats;
uniform usampler2DArray extSplats2;

bool isPerspectiveMatrix( mat4 m ) {
    return m[ 2 ][ 3 ] == -1.0;
}

#include <logdepthbuf_pars_vertex>

void main() {
    
    gl_Position = vec4(0.0, 0.0, 2.0, 1.0);

    ivec2 orderingCoord = ivec2((gl_InstanceID >> 2) & 4095, gl_InstanceID >> 14);
    uint splatIndex = texelFetch(ordering, orderingCoord, 0)[gl_InstanceID & 3];
    if (splatIndex == 0xffffffffu) {
        
        return;
    }

    ivec3 texCoord = splatTexCoord(int(splatIndex));
    vec3 center, scales, xxyyzz, xyxzyz;
    vec4 quaternion, rgba;
    mat3 cov3D;
    bvec3 zeroScales = bvec3(false);

    if (enableExtSplats) {
        uvec4 ext1 = texelFetch(extSplats, texCoord, 0);
        float alpha = unpackSplatExtAlpha(ext1);
        if ((alpha == 0.0) || (alpha < minAlpha)) {
            return;
        }
        uvec4 ext2 = texelFetch(extSplats2, texCoord, 0);

        if (!enableCovSplats) {
            unpackSplatExt(ext1, ext2, center, scales, quaternion, rgba);
            zeroScales = equal(scales, vec3(0.0));
            if (all(zeroScales)) {
                return;
            }
        } else {
            unpackSplatExtCov(ext1, ext2, center, rgba, xxyyzz, xyxzyz);
            if (all(equal(xxyyzz, vec3(0.0))) && all(equal(xyxzyz, vec3(0.0)))) {
                return;
            }
        }
    } else {
        uvec4 packedData = texelFetch(extSplats, texCoord, 0);
        if (!enableCovSplats) {
            unpackSplatEncoding(packedData, center, scales, quaternion, rgba, vec4(0.0, 1.0, LN_SCALE_MIN, LN_SCALE_MAX));
            zeroScales = equal(scales, vec3(0.0));
            if (all(zeroScales)) {
                return;
            }
        } else {
            unpackSplatCovEncoding(packedData, center, rgba, xxyyzz, xyxzyz, vec4(0.0, 1.0, LN_SCALE_MIN, LN_SCALE_MAX));
            if (all(equal(xxyyzz, vec3(0.0))) && all(equal(xyxzyz, vec3(0.0)))) {
                return;
            }
        }

        rgba.a *= 2.0;
        if ((rgba.a == 0.0) || (rgba.a < minAlpha)) {
            return;
        }
    }

    
    
    rgba.rgb = max(rgba.rgb, vec3(0.0));

    adjustedStdDev = maxStdDev;
    if (rgba.a > 1.0) {
        
        rgba.a = min(rgba.a * 4.0 - 3.0, 5.0);

        if (lodInflate) {
            
            float opacity = exp((rgba.a * rgba.a - 1.0) / 2.718281828459045);
            float rescale = pow(opacity, 1.0 / 3.0);
            scales *= rescale;
            rgba.a = 1.0;
        }

        
        adjustedStdDev = maxStdDev + 0.7 * (rgba.a - 1.0);
    }

    
    vec3 viewCenter = (!enableCovSplats ? quatVec(renderToViewQuat, center) : (renderToViewBasis * center)) + renderToViewPos;

    
    if (viewCenter.z >= 0.0) {
        return;
    }

    
    vec4 clipCenter = projectionMatrix * vec4(viewCenter, 1.0);

    
    if (abs(clipCenter.z) >= clipCenter.w) {
        return;
    }

    
    float clip = clipXY * clipCenter.w;
    if (abs(clipCenter.x) > clip || abs(clipCenter.y) > clip) {
        return;
    }

    vRgba = rgba;
    vSplatUv = position.xy * adjustedStdDev;

    
    vSplatIndex = splatIndex;

    if (!enableCovSplats) {
        
        vec4 viewQuaternion = quatQuat(renderToViewQuat, quaternion);

        if (enable2DGS && any(zeroScales)) {
            vec3 offset;
            if (zeroScales.z) {
                offset = vec3(vSplatUv.xy * scales.xy, 0.0);
            } else if (zeroScales.y) {
                offset = vec3(vSplatUv.x * scales.x, 0.0, vSplatUv.y * scales.z);
            } else {
                offset = vec3(0.0, vSplatUv.xy * scales.yz);
            }

            vec3 viewPos = viewCenter + quatVec(viewQuaternion, offset);
            gl_Position = projectionMatrix * vec4(viewPos, 1.0);
            vNdc = gl_Position.xyz / gl_Position.w;

            #include <logdepthbuf_vertex>
            return;
        }

        
        mat3 RS = scaleQuaternionToMatrix(scales, viewQuaternion);
        cov3D = RS * transpose(RS);
    } else {
        cov3D = mat3(
            xxyyzz.x, xyxzyz.x, xyxzyz.y,
            xyxzyz.x, xxyyzz.y, xyxzyz.z,
            xyxzyz.y, xyxzyz.z, xxyyzz.z
        );
        cov3D = renderToViewBasis * cov3D * transpose(renderToViewBasis);
    }

    
    vec2 scaledRenderSize = renderSize * focalAdjustment;
    vec2 focal = 0.5 * scaledRenderSize * vec2(projectionMatrix[0][0], projectionMatrix[1][1]);

    mat3 J;
    if (isOrthographic) {
        J = mat3(
            focal.x, 0.0, 0.0,
            0.0, focal.y, 0.0,
            0.0, 0.0, 0.0
        );
    } else {
        float invZ = 1.0 / viewCenter.z;
        vec2 J1 = focal * invZ;
        vec2 J2 = -(J1 * viewCenter.xy) * invZ;
        J = mat3(
            J1.x, 0.0, J2.x,
            0.0, J1.y, J2.y,
            0.0, 0.0, 0.0
        );
    }

    
    
    mat3 cov2D = transpose(J) * cov3D * J;
    float a = cov2D[0][0];
    float d = cov2D[1][1];
    float b = cov2D[0][1];

    
    a += preBlurAmount;
    d += preBlurAmount;

    float fullBlurAmount = blurAmount;
    if ((focalDistance > 0.0) && (apertureAngle > 0.0)) {
        float focusRadius = maxPixelRadius;
        if (viewCenter.z < 0.0) {
            float focusBlur = abs((-viewCenter.z - focalDistance) / viewCenter.z);
            float apertureRadius = focal.x * tan(0.5 * apertureAngle);
            focusRadius = focusBlur * apertureRadius;
        }
        fullBlurAmount = clamp(sqr(focusRadius), blurAmount, sqr(maxPixelRadius));
    }

    
    float detOrig = a * d - b * b;
    a += fullBlurAmount;
    d += fullBlurAmount;
    float det = a * d - b * b;

    
    float blurAdjust = sqrt(max(0.0, detOrig / det));
    rgba.a *= blurAdjust;
    if (rgba.a < minAlpha) {
        return;
    }
    vRgba.a = rgba.a;

    
    float eigenAvg = 0.5 * (a + d);
    float eigenDelta = sqrt(max(0.0, eigenAvg * eigenAvg - det));
    float eigen1 = eigenAvg + eigenDelta;
    float eigen2 = eigenAvg - eigenDelta;

    vec2 eigenVec1 = (abs(b) > 0.001) ? normalize(vec2(b, eigen1 - a))
        : ((a >= d) ? vec2(1.0, 0.0) : vec2(0.0, 1.0));
    vec2 eigenVec2 = vec2(eigenVec1.y, -eigenVec1.x);

    float scale1 = min(maxPixelRadius, adjustedStdDev * sqrt(eigen1));
    float scale2 = min(maxPixelRadius, adjustedStdDev * sqrt(eigen2));
    if (scale1 < minPixelRadius && scale2 < minPixelRadius) {
        return;
    }

    
    vec2 pixelOffset = position.x * eigenVec1 * scale1 + position.y * eigenVec2 * scale2;
    vec2 ndcOffset = (2.0 / scaledRenderSize) * pixelOffset;

    
    vec3 ndcCenter = clipCenter.xyz / clipCenter.w;
    vec3 ndc = vec3(ndcCenter.xy + ndcOffset, ndcCenter.z);

    vNdc = ndc;
    gl_Position = vec4(ndc.xy * clipCenter.w, clipCenter.zw);

    #include <logdepthbuf_vertex>
}`,eu=null;function fa(){return eu||(Bt.splatDefines=c_,eu={splatVertex:h_,splatFragment:u_,computeVec4Template:l_,computeUvec4Vec4Template:a_,computeUvec4x2Vec4Template:o_,computeUvec4Template:r_}),eu}var vl=class bi{constructor({renderer:t}={}){this.renderer=t,this.capacity=0,this.count=0}dispose(){this.target&&(this.target.dispose(),this.target=void 0)}static ensureBuffer(t,e){let s=Math.ceil(Math.max(1,t)/Nt)*Nt*4;if(e.byteLength>=s)return e;let r=new ArrayBuffer(s);if(e instanceof ArrayBuffer)return r;let a=e.constructor;return new a(r)}ensureBuffer(t,e){return bi.ensureBuffer(t,e)}ensureCapacity(t){let{width:e,height:n,depth:s,maxSplats:r}=ue(t);(!this.target||r>this.capacity)&&(this.dispose(),this.capacity=r,this.target=new ts(e,n,s,{depthBuffer:!1,stencilBuffer:!1,generateMipmaps:!1,magFilter:me,minFilter:me}),this.target.texture.format=Ae,this.target.texture.type=we,this.target.texture.internalFormat="RGBA8",this.target.scissorTest=!0)}prepareProgramMaterial(t){let e=bi.readbackProgram.get(t);if(!e){let s=Ln({index:"int"},{rgba8:"vec4"},({index:r})=>(t.inputs.index=r,{rgba8:new Pu({rgba8:t.outputs.rgba8})}));bi.programTemplate||(bi.programTemplate=new ar(fa().computeVec4Template)),e=new oa({graph:s,inputs:{index:"_index"},outputs:{rgba8:"target"},template:bi.programTemplate}),Object.assign(e.uniforms,{targetLayer:{value:0},targetBase:{value:0},targetCount:{value:0}}),bi.readbackProgram.set(t,e)}let n=e.prepareMaterial();return bi.fullScreenQuad.material=n,{program:e,material:n}}saveRenderState(t){return{target:t.getRenderTarget(),xrEnabled:t.xr.enabled,autoClear:t.autoClear}}resetRenderState(t,e){t.setRenderTarget(e.target),t.xr.enabled=e.xrEnabled,t.autoClear=e.autoClear}process({count:t,material:e}){let n=this.renderer;if(!n)throw new Error("No renderer");if(!this.target)throw new Error("No target");let s=Nt*Fn;e.uniforms.targetBase.value=0,e.uniforms.targetCount.value=t;let r=0;for(;r<t;){let a=Math.floor(r/s),o=a*s,c=Math.min(Fn,Math.ceil((t-o)/Nt));e.uniforms.targetLayer.value=a,this.target.scissor.set(0,0,Nt,c),n.setRenderTarget(this.target,a),n.xr.enabled=!1,n.autoClear=!1,bi.fullScreenQuad.render(n),r+=Nt*c}this.count=t}async read({readback:t}){let e=this.renderer;if(!e)throw new Error("No renderer");if(!this.target)throw new Error("No target");let n=Math.ceil(this.count/Nt)*Nt;if(t.byteLength<n*4)throw new Error(`Readback buffer too small: ${t.byteLength} < ${n*4}`);let s=new Uint8Array(t instanceof ArrayBuffer?t:t.buffer),r=Nt*Fn,a=0,o=[];for(;a<this.count;){let c=Math.floor(a/r),l=c*r,u=Math.min(Fn,Math.ceil((this.count-l)/Nt));e.setRenderTarget(this.target,c);let h=Nt*u*4,d=s.subarray(l*4,l*4+h),m=e?.readRenderTargetPixelsAsync(this.target,0,0,Nt,u,d);o.push(m),a+=Nt*u}return Promise.all(o).then(()=>t)}render({reader:t,count:e,renderer:n}){if(this.renderer=n||this.renderer,!this.renderer)throw new Error("No renderer");this.ensureCapacity(e);let{program:s,material:r}=this.prepareProgramMaterial(t);s.update();let a=this.saveRenderState(this.renderer);this.process({count:e,material:r}),this.resetRenderState(this.renderer,a)}async readback({readback:t}){if(!this.renderer)throw new Error("No renderer");let e=this.saveRenderState(this.renderer),n=this.read({readback:t});return this.resetRenderState(this.renderer,e),n}async renderReadback({reader:t,count:e,renderer:n,readback:s}){if(this.renderer=n||this.renderer,!this.renderer)throw new Error("No renderer");this.ensureCapacity(e);let{program:r,material:a}=this.prepareProgramMaterial(t);r.update();let o=this.saveRenderState(this.renderer);this.process({count:e,material:a});let c=this.read({readback:s});return this.resetRenderState(this.renderer,o),c}getTexture(){var t;return(t=this.target)==null?void 0:t.texture}};vl.programTemplate=null;vl.readbackProgram=new WeakMap;vl.fullScreenQuad=new Gs(new xi({visible:!1}));var lh=vl;function d_(i){switch(i){case"all":return 0;case"plane":return 1;case"sphere":return 2;case"box":return 3;case"ellipsoid":return 4;case"cylinder":return 5;case"capsule":return 6;case"infinite_cone":return 7;default:throw new Error(`Unknown SDF type: ${i}`)}}function f_(i){switch(i){case"multiply":return 0;case"set_rgb":return 1;case"add_rgba":return 2;default:throw new Error(`Unknown blend mode: ${i}`)}}var Xu=class extends je{constructor(t={}){super();let{type:e,invert:n,opacity:s,color:r,displace:a,radius:o}=t;this.type=e??"sphere",this.invert=n??!1,this.opacity=s??1,this.color=r??new Ot(1,1,1),this.displace=a??new C(0,0,0),this.radius=o??0}},tp=class ep extends je{constructor(t={}){let{name:e,rgbaBlendMode:n="multiply",sdfSmooth:s=0,softEdge:r=0,invert:a=!1,sdfs:o=null}=t;super(),this.rgbaBlendMode=n,this.sdfSmooth=s,this.softEdge=r,this.invert=a,this.sdfs=o,this.ordering=ep.nextOrdering++,this.name=e??`Edit ${this.ordering}`}addSdf(t){this.sdfs==null&&(this.sdfs=[]),this.sdfs.includes(t)||this.sdfs.push(t)}removeSdf(t){this.sdfs!=null&&(this.sdfs=this.sdfs.filter(e=>e!==t))}};tp.nextOrdering=1;var np=tp,Yu=class{constructor({maxSdfs:t,maxEdits:e}){this.maxSdfs=Math.max(16,t??0),this.numSdfs=0,this.sdfData=new Uint32Array(this.maxSdfs*8*4),this.sdfFloatData=new Float32Array(this.sdfData.buffer),this.sdfTexture=this.newSdfTexture(this.sdfData,this.maxSdfs),this.dynoSdfArray=new Ve({key:"sdfArray",type:ch,globals:()=>[uh],value:{numSdfs:0,sdfTexture:this.sdfTexture},update:n=>(n.numSdfs=this.numSdfs,n.sdfTexture=this.sdfTexture,n)}),this.maxEdits=Math.max(16,e??0),this.numEdits=0,this.editData=new Uint32Array(this.maxEdits*4),this.editFloatData=new Float32Array(this.editData.buffer),this.dynoNumEdits=new Xn({value:0}),this.dynoEdits=this.newEdits(this.editData,this.maxEdits)}newSdfTexture(t,e){let n=new gn(t,8,e,te,Ht);return n.internalFormat="RGBA32UI",n.needsUpdate=!0,n}newEdits(t,e){return new Ve({key:"edits",type:"uvec4",count:e,globals:()=>[hh],value:t})}ensureCapacity({maxSdfs:t,maxEdits:e}){let n=!1;return t>this.sdfTexture.image.height&&(this.sdfTexture.dispose(),this.maxSdfs=Math.max(this.maxSdfs*2,t),this.sdfData=new Uint32Array(this.maxSdfs*8*4),this.sdfFloatData=new Float32Array(this.sdfData.buffer),this.sdfTexture=this.newSdfTexture(this.sdfData,this.maxSdfs)),e>(this.dynoEdits.count??0)&&(this.maxEdits=Math.max(this.maxEdits*2,e),this.editData=new Uint32Array(this.maxEdits*4),this.editFloatData=new Float32Array(this.editData.buffer),this.dynoEdits=this.newEdits(this.editData,this.maxEdits),n=!0),n}updateEditData(t,e){let n=this.editData[t]!==e;return this.editData[t]=e,n}updateEditFloatData(t,e){Xs[0]=e;let n=this.editFloatData[t]!==Xs[0];return n&&(this.editFloatData[t]=Xs[0]),n}encodeEdit(t,{sdfFirst:e,sdfCount:n,invert:s,rgbaBlendMode:r,softEdge:a,sdfSmooth:o}){let c=t*4,l=!1;return l=this.updateEditData(c+0,r|(s?256:0))||l,l=this.updateEditData(c+1,e|n<<16)||l,l=this.updateEditFloatData(c+2,a)||l,l=this.updateEditFloatData(c+3,o)||l,l}updateSdfData(t,e){let n=this.sdfData[t]!==e;return this.sdfData[t]=e,n}updateSdfFloatData(t,e){Xs[0]=e;let n=this.sdfFloatData[t]!==Xs[0];return n&&(this.sdfFloatData[t]=Xs[0]),n}encodeSdf(t,{sdfType:e,invert:n,center:s,quaternion:r,scale:a,sizes:o},c){let l=t*32,u=e|(n?256:0),h=!1;h=this.updateSdfFloatData(l+0,s?.x??0)||h,h=this.updateSdfFloatData(l+1,s?.y??0)||h,h=this.updateSdfFloatData(l+2,s?.z??0)||h,h=this.updateSdfData(l+3,u)||h,h=this.updateSdfFloatData(l+4,r?.x??0)||h,h=this.updateSdfFloatData(l+5,r?.y??0)||h,h=this.updateSdfFloatData(l+6,r?.z??0)||h,h=this.updateSdfFloatData(l+7,r?.w??0)||h,h=this.updateSdfFloatData(l+8,a?.x??0)||h,h=this.updateSdfFloatData(l+9,a?.y??0)||h,h=this.updateSdfFloatData(l+10,a?.z??0)||h,h=this.updateSdfData(l+11,0)||h,h=this.updateSdfFloatData(l+12,o?.x??0)||h,h=this.updateSdfFloatData(l+13,o?.y??0)||h,h=this.updateSdfFloatData(l+14,o?.z??0)||h,h=this.updateSdfFloatData(l+15,o?.w??0)||h;let d=Math.min(4,c.length);for(let m=0;m<d;++m){let g=l+16+m*4;h=this.updateSdfFloatData(g+0,c[m].x)||h,h=this.updateSdfFloatData(g+1,c[m].y)||h,h=this.updateSdfFloatData(g+2,c[m].z)||h,h=this.updateSdfFloatData(g+3,c[m].w)||h}return h}update(t){let e=t.reduce((h,{sdfs:d})=>h+d.length,0),n=this.ensureCapacity({maxEdits:t.length,maxSdfs:e}),s=[new Qt,new Qt],r=new C,a=new oe,o=new C,c=new Qt,l=0,u=n;t.length!==this.dynoNumEdits.value&&(this.dynoNumEdits.value=t.length,this.numEdits=t.length,u=!0);for(let[h,{edit:d,sdfs:m}]of t.entries()){u=this.encodeEdit(h,{sdfFirst:l,sdfCount:m.length,invert:d.invert,rgbaBlendMode:f_(d.rgbaBlendMode),softEdge:d.softEdge,sdfSmooth:d.sdfSmooth})||u;let g=!1;for(let v of m)c.set(v.scale.x,v.scale.y,v.scale.z,v.radius),v.scale.setScalar(1),v.updateMatrixWorld(),v.matrixWorld.clone().invert().decompose(r,a,o),v.scale.set(c.x,c.y,c.z),v.updateMatrixWorld(),s[0].set(v.color.r,v.color.g,v.color.b,v.opacity),s[1].set(v.displace.x,v.displace.y,v.displace.z,1),g=this.encodeSdf(l,{sdfType:d_(v.type),invert:v.invert,center:r,quaternion:a,scale:o,sizes:c},s)||g,l+=1;this.numSdfs=l,g&&(this.sdfTexture.needsUpdate=!0),u||(u=g)}return{updated:u,dynoUpdated:n}}modify(t){return p_(t,this.dynoSdfArray,this.dynoNumEdits,this.dynoEdits)}modifyCov(t){return m_(t,this.dynoSdfArray,this.dynoNumEdits,this.dynoEdits)}},ch={type:"SdfArray"},uh=Me(`
  struct SdfArray {
    int numSdfs;
    usampler2D sdfTexture;
  };

  void unpackSdfArray(
    usampler2D sdfTexture, int sdfIndex, out uint flags,
    out vec3 center, out vec4 quaternion, out vec3 scale, out vec4 sizes,
    int numValues, out vec4 values[4]
  ) {
    uvec4 temp = texelFetch(sdfTexture, ivec2(0, sdfIndex), 0);
    flags = temp.w;
    center = vec3(uintBitsToFloat(temp.x), uintBitsToFloat(temp.y), uintBitsToFloat(temp.z));

    temp = texelFetch(sdfTexture, ivec2(1, sdfIndex), 0);
    quaternion = vec4(uintBitsToFloat(temp.x), uintBitsToFloat(temp.y), uintBitsToFloat(temp.z), uintBitsToFloat(temp.w));

    temp = texelFetch(sdfTexture, ivec2(2, sdfIndex), 0);
    scale = vec3(uintBitsToFloat(temp.x), uintBitsToFloat(temp.y), uintBitsToFloat(temp.z));

    temp = texelFetch(sdfTexture, ivec2(3, sdfIndex), 0);
    sizes = vec4(uintBitsToFloat(temp.x), uintBitsToFloat(temp.y), uintBitsToFloat(temp.z), uintBitsToFloat(temp.w));

    for (int i = 0; i < numValues; ++i) {
      temp = texelFetch(sdfTexture, ivec2(4 + i, sdfIndex), 0);
      values[i] = vec4(uintBitsToFloat(temp.x), uintBitsToFloat(temp.y), uintBitsToFloat(temp.z), uintBitsToFloat(temp.w));
    }
  }

  const uint SDF_FLAG_TYPE = 0xFFu;
  const uint SDF_FLAG_INVERT = 1u << 8u;

  const uint SDF_TYPE_ALL = 0u;
  const uint SDF_TYPE_PLANE = 1u;
  const uint SDF_TYPE_SPHERE = 2u;
  const uint SDF_TYPE_BOX = 3u;
  const uint SDF_TYPE_ELLIPSOID = 4u;
  const uint SDF_TYPE_CYLINDER = 5u;
  const uint SDF_TYPE_CAPSULE = 6u;
  const uint SDF_TYPE_INFINITE_CONE = 7u;

  float evaluateSdfArray(
    usampler2D sdfTexture, int numSdfs, int sdfFirst, int sdfCount, vec3 pos,
    float smoothK, int numValues, out vec4 outValues[4]
  ) {
    float distanceAccum = (smoothK == 0.0) ? 1.0 / 0.0 : 0.0;
    float maxExp = -1.0 / 0.0;
    for (int i = 0; i < numValues; ++i) {
        outValues[i] = vec4(0.0);
    }

    uint flags;
    vec3 center, scale;
    vec4 quaternion, sizes;
    vec4 values[4];

    int sdfLast = min(sdfFirst + sdfCount, numSdfs);
    for (int index = sdfFirst; index < sdfLast; ++index) {
      unpackSdfArray(sdfTexture, index, flags, center, quaternion, scale, sizes, numValues, values);
      uint sdfType = flags & SDF_FLAG_TYPE;
      vec3 sdfPos = quatVec(quaternion, pos * scale) + center;

      float distance;
      switch (sdfType) {
        case SDF_TYPE_ALL:
          distance = -1.0 / 0.0;
          break;
        case SDF_TYPE_PLANE: {
          distance = sdfPos.z;
          break;
        }
        case SDF_TYPE_SPHERE: {
          distance = length(sdfPos) - sizes.w;
          break;
        }
        case SDF_TYPE_BOX: {
          vec3 q = abs(sdfPos) - sizes.xyz + sizes.w;
          distance = length(max(q, 0.0)) + min(max(q.x, max(q.y, q.z)), 0.0) - sizes.w;
          break;
        }
        case SDF_TYPE_ELLIPSOID: {
          vec3 sizes = sizes.xyz;
          float k0 = length(sdfPos / sizes);
          float k1 = length(sdfPos / dot(sizes, sizes));
          distance = k0 * (k0 - 1.0) / k1;
          break;
        }
        case SDF_TYPE_CYLINDER: {
          vec2 d = abs(vec2(length(sdfPos.xz), sdfPos.y)) - sizes.wy;
          distance = min(max(d.x, d.y), 0.0) + length(max(d, 0.0));
          break;
        }
        case SDF_TYPE_CAPSULE: {
          sdfPos.y -= clamp(sdfPos.y, -0.5 * sizes.y, 0.5 * sizes.y);
          distance = length(sdfPos) - sizes.w;
          break;
        }
        case SDF_TYPE_INFINITE_CONE: {
          float angle = 0.25 * PI * sizes.w;
          vec2 c = vec2(sin(angle), cos(angle));
          vec2 q = vec2(length(sdfPos.xy), -sdfPos.z);
          float d = length(q - c * max(dot(q, c), 0.0));
          distance = d * (((q.x * c.y - q.y * c.x) < 0.0) ? -1.0 : 1.0);
          break;
        }
      }

      if ((flags & SDF_FLAG_INVERT) != 0u) {
        distance = -distance;
      }

      if (smoothK == 0.0) {
        if (distance < distanceAccum) {
          distanceAccum = distance;
          for (int i = 0; i < numValues; ++i) {
            outValues[i] = values[i];
          }
        }
      } else {
        float scaledDistance = -distance / smoothK;
        if (scaledDistance > maxExp) {
          float scale = exp(maxExp - scaledDistance);
          distanceAccum *= scale;
          for (int i = 0; i < numValues; ++i) {
            outValues[i] *= scale;
          }
          maxExp = scaledDistance;
        }

        float weight = exp(scaledDistance - maxExp);
        distanceAccum += weight;
        for (int i = 0; i < numValues; ++i) {
          outValues[i] += weight * values[i];
        }
      }
    }

    if (smoothK == 0.0) {
      return distanceAccum;
    } else {
      // Very distant SDFs may result in 0 accumulation
      if (distanceAccum == 0.0) {
        return 1.0 / 0.0;
      }
      for (int i = 0; i < numValues; ++i) {
        outValues[i] /= distanceAccum;
      }
      return (-log(distanceAccum) - maxExp) * smoothK;
    }
  }

  float modulateSdfArray(
    usampler2D sdfTexture, int numSdfs, int sdfFirst, int sdfCount, vec3 pos,
    float smoothK, int numValues, out vec4 values[4],
    float softEdge, bool invert
  ) {
    float distance = evaluateSdfArray(sdfTexture, numSdfs, sdfFirst, sdfCount, pos, smoothK, numValues, values);
    if (invert) {
      distance = -distance;
    }

    return (softEdge == 0.0) ? ((distance < 0.0) ? 1.0 : 0.0)
      : clamp(-distance / softEdge + 0.5, 0.0, 1.0);
  }
`),hh=Me(`
  const uint EDIT_FLAG_BLEND = 0xFFu;
  const uint EDIT_BLEND_MULTIPLY = 0u;
  const uint EDIT_BLEND_SET_RGB = 1u;
  const uint EDIT_BLEND_ADD_RGBA = 2u;
  const uint EDIT_FLAG_INVERT = 0x100u;

  void decodeEdit(
    uvec4 packedEdit, out int sdfFirst, out int sdfCount,
    out bool invert, out uint rgbaBlendMode, out float softEdge, out float sdfSmooth
  ) {
    rgbaBlendMode = packedEdit.x & EDIT_FLAG_BLEND;
    invert = (packedEdit.x & EDIT_FLAG_INVERT) != 0u;

    sdfFirst = int(packedEdit.y & 0xFFFFu);
    sdfCount = int(packedEdit.y >> 16u);

    softEdge = uintBitsToFloat(packedEdit.z);
    sdfSmooth = uintBitsToFloat(packedEdit.w);
  }

  void applyRgbaDisplaceEdit(
    usampler2D sdfTexture, int numSdfs, int sdfFirst, int sdfCount, inout vec3 pos,
    float smoothK, float softEdge, bool invert, uint rgbaBlendMode, inout vec4 rgba
  ) {
    vec4 values[4];
    float modulate = modulateSdfArray(sdfTexture, numSdfs, sdfFirst, sdfCount, pos, smoothK, 2, values, softEdge, invert);
    // On Android, moving values[0] is necessary to work around a compiler bug.
    vec4 sdfRgba = values[0];
    vec4 sdfDisplaceScale = values[1];

    vec4 target;
    switch (rgbaBlendMode) {
      case EDIT_BLEND_MULTIPLY:
        target = rgba * sdfRgba;
        break;
      case EDIT_BLEND_SET_RGB:
        target = vec4(sdfRgba.rgb, rgba.a * sdfRgba.a);
        break;
      case EDIT_BLEND_ADD_RGBA:
        target = rgba + sdfRgba;
        break;
      default:
        // Debug output if blend mode not set
        target = vec4(fract(pos), 1.0);
    }
    rgba = mix(rgba, target, modulate);
    pos += sdfDisplaceScale.xyz * modulate;
  }

  void applyPackedRgbaDisplaceEdit(uvec4 packedEdit, usampler2D sdfTexture, int numSdfs, inout vec3 pos, inout vec4 rgba) {
    int sdfFirst, sdfCount;
    bool invert;
    uint rgbaBlendMode;
    float softEdge, sdfSmooth;
    decodeEdit(packedEdit, sdfFirst, sdfCount, invert, rgbaBlendMode, softEdge, sdfSmooth);
    applyRgbaDisplaceEdit(sdfTexture, numSdfs, sdfFirst, sdfCount, pos, sdfSmooth, softEdge, invert, rgbaBlendMode, rgba);
  }
`);function p_(i,t,e,n){return new Gt({inTypes:{gsplat:fe,sdfArray:ch,numEdits:"int",rgbaDisplaceEdits:"uvec4"},outTypes:{gsplat:fe},globals:()=>[uh,hh],inputs:{gsplat:i,sdfArray:t,numEdits:e,rgbaDisplaceEdits:n},statements:({inputs:r,outputs:a})=>{let{sdfArray:o,numEdits:c,rgbaDisplaceEdits:l}=r,{gsplat:u}=a;return re(`
        ${u} = ${r.gsplat};
        if (isGsplatActive(${u}.flags)) {
          for (int editIndex = 0; editIndex < ${c}; ++editIndex) {
            applyPackedRgbaDisplaceEdit(
              ${l}[editIndex], ${o}.sdfTexture, ${o}.numSdfs,
              ${u}.center, ${u}.rgba
            );
          }
        }
      `)}}).outputs.gsplat}function m_(i,t,e,n){return new Gt({inTypes:{covsplat:en,sdfArray:ch,numEdits:"int",rgbaDisplaceEdits:"uvec4"},outTypes:{covsplat:en},globals:()=>[uh,hh],inputs:{covsplat:i,sdfArray:t,numEdits:e,rgbaDisplaceEdits:n},statements:({inputs:r,outputs:a})=>{let{sdfArray:o,numEdits:c,rgbaDisplaceEdits:l}=r,{covsplat:u}=a;return re(`
        ${u} = ${r.covsplat};
        if (isCovSplatActive(${u}.flags)) {
          for (int editIndex = 0; editIndex < ${c}; ++editIndex) {
            applyPackedRgbaDisplaceEdit(
              ${l}[editIndex], ${o}.sdfTexture, ${o}.numSdfs,
              ${u}.center, ${u}.rgba
            );
          }
        }
      `)}}).outputs.covsplat}var Xs=new Float32Array(1);var Js=class{constructor(){this.scale=new sr({value:Number.NEGATIVE_INFINITY}),this.rotate=new rr({value:new oe(Number.POSITIVE_INFINITY,Number.POSITIVE_INFINITY,Number.POSITIVE_INFINITY,Number.POSITIVE_INFINITY)}),this.translate=new $i({value:new C(Number.POSITIVE_INFINITY,Number.POSITIVE_INFINITY,Number.POSITIVE_INFINITY)})}apply(t){return i_(t,{scale:this.scale,rotate:this.rotate,translate:this.translate})}applyDir(t){return s_(t,{rotate:this.rotate})}applyGsplat(t){return ov(t,{scale:this.scale,rotate:this.rotate,translate:this.translate})}updateFromMatrix(t){let e=new C,n=new oe,s=new C;t.decompose(s,n,e);let r=(e.x+e.y+e.z)/3,a=!1;return r!==this.scale.value&&(this.scale.value=r,a=!0),s.equals(this.translate.value)||(this.translate.value.copy(s),a=!0),n.equals(this.rotate.value)||(this.rotate.value.copy(n),a=!0),a}update(t){return t.updateMatrixWorld(),this.updateFromMatrix(t.matrixWorld)}},js=class{constructor(){this.basis=new Du({value:new It}),this.offset=new $i({value:new C})}apply(t){let e=cr(this.basis,t);return or(e,this.offset)}applyDir(t){return cr(this.basis,t)}applyCovSplat(t){return new Gt({inTypes:{covsplat:en,basis:"mat3",offset:"vec3"},outTypes:{covsplat:en},inputs:{covsplat:t,basis:this.basis,offset:this.offset},statements:({inputs:e,outputs:n})=>{let{covsplat:s,basis:r,offset:a}=e;return!s||!r||!a?[`${n.covsplat}.flags = 0u;`]:re(`
          ${n.covsplat}.flags = 0u;
          if (isCovSplatActive(${s}.flags)) {
            ${n.covsplat}.flags = ${s}.flags;
            ${n.covsplat}.index = ${s}.index;
            ${n.covsplat}.rgba = ${s}.rgba;

            ${n.covsplat}.center = ${r} * ${s}.center + ${a};
            
            mat3 cov = mat3(
              ${s}.xxyyzz.x, ${s}.xyxzyz.x, ${s}.xyxzyz.y,
              ${s}.xyxzyz.x, ${s}.xxyyzz.y, ${s}.xyxzyz.z,
              ${s}.xyxzyz.y, ${s}.xyxzyz.z, ${s}.xxyyzz.z
            );
            cov = ${r} * cov * transpose(${r});
            ${n.covsplat}.xxyyzz = vec3(cov[0][0], cov[1][1], cov[2][2]);
            ${n.covsplat}.xyxzyz = vec3(cov[0][1], cov[0][2], cov[1][2]);
          }
        `)}}).outputs.covsplat}updateFromMatrix(t){let e=new It().setFromMatrix4(t),n=new C().setFromMatrixColumn(t,3),s=!e.equals(this.basis.value)||!n.equals(this.offset.value);return s&&(this.basis.value.copy(e),this.offset.value.copy(n)),s}update(t){return t.updateMatrixWorld(),this.updateFromMatrix(t.matrixWorld)}},la=class extends je{constructor({numSplats:t,generator:e,covGenerator:n,construct:s,update:r}){if(super(),this.numSplats=t??0,this.generator=e,this.covGenerator=n,this.frameUpdate=r,this.version=0,this.mappingVersion=0,s){let a=s(this);Object.assign(this,a)}}updateVersion(){this.version+=1}updateMappingVersion(){this.mappingVersion+=1,this.version+=1}set needsUpdate(t){t&&this.updateVersion()}},pl=class i{static __wrap(t){t=t>>>0;let e=Object.create(i.prototype);return e.__wbg_ptr=t,Mf.register(e,e.__wbg_ptr,e),e}__destroy_into_raw(){let t=this.__wbg_ptr;return this.__wbg_ptr=0,Mf.unregister(this),t}free(){let t=this.__destroy_into_raw();_t.__wbg_chunkdecoder_free(t,0)}finish(){let t=this.__destroy_into_raw(),e=_t.chunkdecoder_finish(t);if(e[2])throw xe(e[1]);return xe(e[0])}push(t){let e=_t.chunkdecoder_push(this.__wbg_ptr,t);if(e[1])throw xe(e[0])}};Symbol.dispose&&(pl.prototype[Symbol.dispose]=pl.prototype.free);var ca=class i{static __wrap(t){t=t>>>0;let e=Object.create(i.prototype);return e.__wbg_ptr=t,wf.register(e,e.__wbg_ptr,e),e}__destroy_into_raw(){let t=this.__wbg_ptr;return this.__wbg_ptr=0,wf.unregister(this),t}free(){let t=this.__destroy_into_raw();_t.__wbg_csplatarray_free(t,0)}bhatt_lod(t){_t.csplatarray_bhatt_lod(this.__wbg_ptr,t)}has_lod(){return _t.csplatarray_has_lod(this.__wbg_ptr)!==0}inject_rgba8(t){_t.csplatarray_inject_rgba8(this.__wbg_ptr,t)}len(){return _t.csplatarray_len(this.__wbg_ptr)>>>0}tiny_lod(t,e){_t.csplatarray_tiny_lod(this.__wbg_ptr,t,e)}to_extsplats(){let t=_t.csplatarray_to_extsplats(this.__wbg_ptr);if(t[2])throw xe(t[1]);return xe(t[0])}to_extsplats_lod(){let t=_t.csplatarray_to_extsplats_lod(this.__wbg_ptr);if(t[2])throw xe(t[1]);return xe(t[0])}to_packedsplats(){let t=_t.csplatarray_to_packedsplats(this.__wbg_ptr);if(t[2])throw xe(t[1]);return xe(t[0])}to_packedsplats_lod(){let t=_t.csplatarray_to_packedsplats_lod(this.__wbg_ptr);if(t[2])throw xe(t[1]);return xe(t[0])}get maxShDegree(){return _t.__wbg_get_csplatarray_maxShDegree(this.__wbg_ptr)>>>0}get numSplats(){return _t.__wbg_get_csplatarray_numSplats(this.__wbg_ptr)>>>0}set maxShDegree(t){_t.__wbg_set_csplatarray_maxShDegree(this.__wbg_ptr,t)}set numSplats(t){_t.__wbg_set_csplatarray_numSplats(this.__wbg_ptr,t)}};Symbol.dispose&&(ca.prototype[Symbol.dispose]=ca.prototype.free);var ua=class i{static __wrap(t){t=t>>>0;let e=Object.create(i.prototype);return e.__wbg_ptr=t,Tf.register(e,e.__wbg_ptr,e),e}__destroy_into_raw(){let t=this.__wbg_ptr;return this.__wbg_ptr=0,Tf.unregister(this),t}free(){let t=this.__destroy_into_raw();_t.__wbg_gsplatarray_free(t,0)}get maxShDegree(){return _t.__wbg_get_gsplatarray_maxShDegree(this.__wbg_ptr)>>>0}get numSplats(){return _t.__wbg_get_gsplatarray_numSplats(this.__wbg_ptr)>>>0}bhatt_lod(t){_t.gsplatarray_bhatt_lod(this.__wbg_ptr,t)}concat(t){b_(t,i);let e=_t.gsplatarray_concat(this.__wbg_ptr,t.__wbg_ptr);if(e[1])throw xe(e[0])}encode_to_spz(t,e){let n=this.__destroy_into_raw(),s=_t.gsplatarray_encode_to_spz(n,t,e);if(s[2])throw xe(s[1]);return xe(s[0])}has_lod(){return _t.gsplatarray_has_lod(this.__wbg_ptr)!==0}inject_rgba8(t){_t.gsplatarray_inject_rgba8(this.__wbg_ptr,t)}len(){return _t.gsplatarray_len(this.__wbg_ptr)>>>0}tiny_lod(t,e){_t.gsplatarray_tiny_lod(this.__wbg_ptr,t,e)}to_extsplats(){let t=_t.gsplatarray_to_extsplats(this.__wbg_ptr);if(t[2])throw xe(t[1]);return xe(t[0])}to_extsplats_lod(){let t=_t.gsplatarray_to_extsplats_lod(this.__wbg_ptr);if(t[2])throw xe(t[1]);return xe(t[0])}to_packedsplats(t){let e=_t.gsplatarray_to_packedsplats(this.__wbg_ptr,t);if(e[2])throw xe(e[1]);return xe(e[0])}to_packedsplats_lod(t){let e=_t.gsplatarray_to_packedsplats_lod(this.__wbg_ptr,t);if(e[2])throw xe(e[1]);return xe(e[0])}transform(t){let e=_t.gsplatarray_transform(this.__wbg_ptr,t);if(e[1])throw xe(e[0])}set maxShDegree(t){_t.__wbg_set_gsplatarray_maxShDegree(this.__wbg_ptr,t)}set numSplats(t){_t.__wbg_set_gsplatarray_numSplats(this.__wbg_ptr,t)}};Symbol.dispose&&(ua.prototype[Symbol.dispose]=ua.prototype.free);function bf(i){let t=_t.decode_rad_header(i);if(t[2])throw xe(t[1]);return xe(t[0])}function g_(){return _t.get_raycast_buffer()}function x_(){return _t.get_raycast_buffer2()}function y_(i,t,e,n,s,r,a,o,c,l){return _t.raycast_ext_buffers(i,t,e,n,s,r,a,o,c,l)}function v_(i,t,e,n,s,r,a,o,c,l,u,h,d){return _t.raycast_packed_buffer(i,t,e,n,s,r,a,o,c,l,u,h,d)}function __(){return{__proto__:null,"./spark_rs_bg.js":{__proto__:null,__wbg_Error_2e59b1b37a9a34c3:function(t,e){return Error(al(t,e))},__wbg___wbindgen_boolean_get_a86c216575a75c30:function(t){let e=t,n=typeof e=="boolean"?e:void 0;return ol(n)?16777215:n?1:0},__wbg___wbindgen_debug_string_dd5d2d07ce9e6c57:function(t,e){let n=Ku(e),s=iu(n,_t.__wbindgen_malloc,_t.__wbindgen_realloc),r=sa;Vi().setInt32(t+4,r,!0),Vi().setInt32(t+0,s,!0)},__wbg___wbindgen_in_4bd7a57e54337366:function(t,e){return t in e},__wbg___wbindgen_is_falsy_c6ddfae1bb56d5ef:function(t){return!t},__wbg___wbindgen_is_function_49868bde5eb1e745:function(t){return typeof t=="function"},__wbg___wbindgen_is_object_40c5a80572e8f9d3:function(t){let e=t;return typeof e=="object"&&e!==null},__wbg___wbindgen_is_undefined_c0cca72b82b86f4d:function(t){return t===void 0},__wbg___wbindgen_jsval_loose_eq_3a72ae764d46d944:function(t,e){return t==e},__wbg___wbindgen_number_get_7579aab02a8a620c:function(t,e){let n=e,s=typeof n=="number"?n:void 0;Vi().setFloat64(t+8,ol(s)?0:s,!0),Vi().setInt32(t+0,!ol(s),!0)},__wbg___wbindgen_string_get_914df97fcfa788f2:function(t,e){let n=e,s=typeof n=="string"?n:void 0;var r=ol(s)?0:iu(s,_t.__wbindgen_malloc,_t.__wbindgen_realloc),a=sa;Vi().setInt32(t+4,a,!0),Vi().setInt32(t+0,r,!0)},__wbg___wbindgen_throw_81fc77679af83bc6:function(t,e){throw new Error(al(t,e))},__wbg_call_7f2987183bb62793:function(){return Yr(function(t,e){return t.call(e)},arguments)},__wbg_csplatarray_new:function(t){return ca.__wrap(t)},__wbg_done_547d467e97529006:function(t){return t.done},__wbg_error_a6fa202b58aa1cd3:function(t,e){let n,s;try{n=t,s=e,console.error(al(t,e))}finally{_t.__wbindgen_free(n,s,1)}},__wbg_get_4848e350b40afc16:function(t,e){return t[e>>>0]},__wbg_get_ed0642c4b9d31ddf:function(){return Yr(function(t,e){return Reflect.get(t,e)},arguments)},__wbg_get_f96702c6245e4ef9:function(){return Yr(function(t,e){return Reflect.get(t,e)},arguments)},__wbg_get_unchecked_7d7babe32e9e6a54:function(t,e){return t[e>>>0]},__wbg_get_with_ref_key_6412cf3094599694:function(t,e){return t[e]},__wbg_gsplatarray_new:function(t){return ua.__wrap(t)},__wbg_instanceof_ArrayBuffer_ff7c1337a5e3b33a:function(t){let e;try{e=t instanceof ArrayBuffer}catch{e=!1}return e},__wbg_instanceof_Uint8Array_4b8da683deb25d72:function(t){let e;try{e=t instanceof Uint8Array}catch{e=!1}return e},__wbg_isArray_db61795ad004c139:function(t){return Array.isArray(t)},__wbg_iterator_de403ef31815a3e6:function(){return Symbol.iterator},__wbg_length_0c32cb8543c8e4c8:function(t){return t.length},__wbg_length_1e701798fdcaa3b4:function(t){return t.length},__wbg_length_6e821edde497a532:function(t){return t.length},__wbg_length_a4ca9e78359b5f1f:function(t){return t.length},__wbg_length_fd4646b401926788:function(t){return t.length},__wbg_new_227d7c05414eb861:function(){return new Error},__wbg_new_4f9fafbb3909af72:function(){return new Object},__wbg_new_a560378ea1240b14:function(t){return new Uint8Array(t)},__wbg_new_f3c9df4f38f3f798:function(){return new Array},__wbg_new_from_slice_2580ff33d0d10520:function(t,e){return new Uint8Array(Af(t,e))},__wbg_new_with_length_26bffbe236bf73f9:function(t){return new Float32Array(t>>>0)},__wbg_new_with_length_41a22191b9bdfd66:function(t){return new Uint32Array(t>>>0)},__wbg_next_01132ed6134b8ef5:function(t){return t.next},__wbg_next_b3713ec761a9dbfd:function(){return Yr(function(t){return t.next()},arguments)},__wbg_prototypesetcall_3e05eb9545565046:function(t,e,n){Uint8Array.prototype.set.call(Af(t,e),n)},__wbg_prototypesetcall_64c287a27cc24d27:function(t,e,n){Uint16Array.prototype.set.call(M_(t,e),n)},__wbg_prototypesetcall_e42275e601e14eeb:function(t,e,n){Uint32Array.prototype.set.call(nu(t,e),n)},__wbg_push_6bdbc990be5ac37b:function(t,e){return t.push(e)},__wbg_set_448126769bf7c181:function(t,e,n){t.set(nu(e,n))},__wbg_set_6be42768c690e380:function(t,e,n){t[e]=n},__wbg_set_6c60b2e8ad0e9383:function(t,e,n){t[e>>>0]=n},__wbg_set_81b4174352e6a095:function(t,e,n){t.set(e,n>>>0)},__wbg_set_8ee2d34facb8466e:function(){return Yr(function(t,e,n){return Reflect.set(t,e,n)},arguments)},__wbg_set_a98c8da6557e63de:function(t,e,n){t.set(Ef(e,n))},__wbg_set_index_338a66e40fc45dee:function(t,e,n){t[e>>>0]=n>>>0},__wbg_stack_3b0d974bbf31e44f:function(t,e){let n=e.stack,s=iu(n,_t.__wbindgen_malloc,_t.__wbindgen_realloc),r=sa;Vi().setInt32(t+4,r,!0),Vi().setInt32(t+0,s,!0)},__wbg_subarray_0f98d3fb634508ad:function(t,e,n){return t.subarray(e>>>0,n>>>0)},__wbg_subarray_517cd0f1811ab872:function(t,e,n){return t.subarray(e>>>0,n>>>0)},__wbg_subarray_d51e89458b3fdbf6:function(t,e,n){return t.subarray(e>>>0,n>>>0)},__wbg_value_7f6052747ccf940f:function(t){return t.value},__wbindgen_cast_0000000000000001:function(t){return t},__wbindgen_cast_0000000000000002:function(t,e){return Ef(t,e)},__wbindgen_cast_0000000000000003:function(t,e){return nu(t,e)},__wbindgen_cast_0000000000000004:function(t,e){return al(t,e)},__wbindgen_cast_0000000000000005:function(t){return BigInt.asUintN(64,t)},__wbindgen_init_externref_table:function(){let t=_t.__wbindgen_externrefs,e=t.grow(4);t.set(0,void 0),t.set(e+0,void 0),t.set(e+1,null),t.set(e+2,!0),t.set(e+3,!1)}}}}var Mf=typeof FinalizationRegistry>"u"?{register:()=>{},unregister:()=>{}}:new FinalizationRegistry(i=>_t.__wbg_chunkdecoder_free(i>>>0,1)),wf=typeof FinalizationRegistry>"u"?{register:()=>{},unregister:()=>{}}:new FinalizationRegistry(i=>_t.__wbg_csplatarray_free(i>>>0,1)),Tf=typeof FinalizationRegistry>"u"?{register:()=>{},unregister:()=>{}}:new FinalizationRegistry(i=>_t.__wbg_gsplatarray_free(i>>>0,1));function S_(i){let t=_t.__externref_table_alloc();return _t.__wbindgen_externrefs.set(t,i),t}function b_(i,t){if(!(i instanceof t))throw new Error(`expected instance of ${t.name}`)}function Ku(i){let t=typeof i;if(t=="number"||t=="boolean"||i==null)return`${i}`;if(t=="string")return`"${i}"`;if(t=="symbol"){let s=i.description;return s==null?"Symbol":`Symbol(${s})`}if(t=="function"){let s=i.name;return typeof s=="string"&&s.length>0?`Function(${s})`:"Function"}if(Array.isArray(i)){let s=i.length,r="[";s>0&&(r+=Ku(i[0]));for(let a=1;a<s;a++)r+=", "+Ku(i[a]);return r+="]",r}let e=/\[object ([^\]]+)\]/.exec(toString.call(i)),n;if(e&&e.length>1)n=e[1];else return toString.call(i);if(n=="Object")try{return"Object("+JSON.stringify(i)+")"}catch{return"Object"}return i instanceof Error?`${i.name}: ${i.message}
${i.stack}`:n}function Ef(i,t){return i=i>>>0,w_().subarray(i/4,i/4+t)}function M_(i,t){return i=i>>>0,T_().subarray(i/2,i/2+t)}function nu(i,t){return i=i>>>0,E_().subarray(i/4,i/4+t)}function Af(i,t){return i=i>>>0,na().subarray(i/1,i/1+t)}var us=null;function Vi(){return(us===null||us.buffer.detached===!0||us.buffer.detached===void 0&&us.buffer!==_t.memory.buffer)&&(us=new DataView(_t.memory.buffer)),us}var Qr=null;function w_(){return(Qr===null||Qr.byteLength===0)&&(Qr=new Float32Array(_t.memory.buffer)),Qr}function al(i,t){return i=i>>>0,R_(i,t)}var Jr=null;function T_(){return(Jr===null||Jr.byteLength===0)&&(Jr=new Uint16Array(_t.memory.buffer)),Jr}var jr=null;function E_(){return(jr===null||jr.byteLength===0)&&(jr=new Uint32Array(_t.memory.buffer)),jr}var ta=null;function na(){return(ta===null||ta.byteLength===0)&&(ta=new Uint8Array(_t.memory.buffer)),ta}function Yr(i,t){try{return i.apply(this,t)}catch(e){let n=S_(e);_t.__wbindgen_exn_store(n)}}function ol(i){return i==null}function iu(i,t,e){if(e===void 0){let o=ia.encode(i),c=t(o.length,1)>>>0;return na().subarray(c,c+o.length).set(o),sa=o.length,c}let n=i.length,s=t(n,1)>>>0,r=na(),a=0;for(;a<n;a++){let o=i.charCodeAt(a);if(o>127)break;r[s+a]=o}if(a!==n){a!==0&&(i=i.slice(a)),s=e(s,n,n=a+i.length*3,1)>>>0;let o=na().subarray(s+a,s+n),c=ia.encodeInto(i,o);a+=c.written,s=e(s,n,a,1)>>>0}return sa=a,s}function xe(i){let t=_t.__wbindgen_externrefs.get(i);return _t.__externref_table_dealloc(i),t}var cl=new TextDecoder("utf-8",{ignoreBOM:!0,fatal:!0});cl.decode();var A_=2146435072,su=0;function R_(i,t){return su+=t,su>=A_&&(cl=new TextDecoder("utf-8",{ignoreBOM:!0,fatal:!0}),cl.decode(),su=t),cl.decode(na().subarray(i,i+t))}var ia=new TextEncoder;"encodeInto"in ia||(ia.encodeInto=function(i,t){let e=ia.encode(i);return t.set(e),{read:i.length,written:e.length}});var sa=0,_t;function C_(i,t){return _t=i.exports,us=null,Qr=null,Jr=null,jr=null,ta=null,_t.__wbindgen_start(),_t}async function I_(i,t){if(typeof Response=="function"&&i instanceof Response){if(typeof WebAssembly.instantiateStreaming=="function")try{return await WebAssembly.instantiateStreaming(i,t)}catch(s){if(i.ok&&e(i.type)&&i.headers.get("Content-Type")!=="application/wasm")console.warn("`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n",s);else throw s}let n=await i.arrayBuffer();return await WebAssembly.instantiate(n,t)}else{let n=await WebAssembly.instantiate(i,t);return n instanceof WebAssembly.Instance?{instance:n,module:i}:n}function e(n){switch(n){case"basic":case"cors":case"default":return!0}return!1}}async function P_(i){if(_t!==void 0)return _t;i!==void 0&&(Object.getPrototypeOf(i)===Object.prototype?{module_or_path:i}=i:console.warn("using deprecated parameters for the initialization function; pass a single object instead"));let t=__();(typeof i=="string"||typeof Request=="function"&&i instanceof Request||typeof URL=="function"&&i instanceof URL)&&(i=fetch(i));let{instance:e,module:n}=await I_(await i,t);return C_(e)}var dh=WebAssembly.compileStreaming(fetch(new URL("./spark.wasm",import.meta.url))),ip=dh,sp=!1,D_=P_({module_or_path:ip}).then(i=>{sp=!0});function L_(){return sp}function F_(){return new Worker(new URL("./spark-worker.js",import.meta.url))}var rp=class ap{constructor(){this.queue=null,this.messages={},this.worker=new F_,this.worker.onmessage=t=>this.onMessage(t),ip.then(t=>{this.worker.postMessage({name:"init-wasm",module:t})})}onMessage(t){var e;let{id:n,result:s,error:r,status:a}=t.data,o=this.messages[n];o&&(r!==void 0?(delete this.messages[n],o.reject(r)):a!==void 0?(e=o.onStatus)==null||e.call(o,a):(delete this.messages[n],o.resolve(s)))}tryExclusive(t){return this.queue==null?this.exclusive(t):null}async exclusive(t){let e=this.queue;e!=null?await new Promise(n=>{e.push(()=>n(void 0))}):this.queue=[];try{return await t(this)}finally{this.queue!=null&&(this.queue.length===0?this.queue=null:this.queue.shift()())}}async call(t,e,n={}){let s=++ap.currentId,r=new Promise((a,o)=>{this.messages[s]={resolve:a,reject:o,onStatus:n.onStatus}});return this.worker.postMessage({id:s,name:t,args:e},{transfer:zv(e)}),await r}dispose(){this.worker.terminate();let t=Object.values(this.messages);this.messages={};for(let e of t)e.reject(new Error("Worker terminate"))}};rp.currentId=0;var Zu=rp,Qu=class{constructor(t=4){this.numWorkers=0,this.freelist=[],this.queue=[],this.maxWorkers=t}async withWorker(t){let e=await this.allocWorker();try{return await t(e)}finally{this.freeWorker(e)}}async allocWorker(){let t=this.freelist.pop();if(t)return t;if(this.numWorkers<this.maxWorkers){let e=new Zu;return this.numWorkers+=1,e}return new Promise(e=>{this.queue.push(e)})}freeWorker(t){if(this.numWorkers>this.maxWorkers){this.numWorkers-=1;return}let e=this.queue.shift();if(e){e(t);return}this.freelist.push(t)}},_l=new Qu,ps=class Wn{constructor(t={}){this.maxSplats=0,this.numSplats=0,this.packedArray=null,this.maxSh=3,this.isInitialized=!1,this.target=null,this.source=null,this.needsUpdate=!0,this.extra={},this.dyno=new ml({packedSplats:this}),this.dynoRgbMinMaxLnScaleMinMax=new rr({key:"rgbMinMaxLnScaleMinMax",value:new Qt(0,1,Sn,bn),update:e=>{var n,s,r,a;return e.set(((n=this.splatEncoding)==null?void 0:n.rgbMin)??0,((s=this.splatEncoding)==null?void 0:s.rgbMax)??1,((r=this.splatEncoding)==null?void 0:r.lnScaleMin)??Sn,((a=this.splatEncoding)==null?void 0:a.lnScaleMax)??bn),e}}),this.dynoNumSh=new Xn({key:"numSh",value:0,update:()=>Math.min(this.getNumSh(),this.maxSh)}),this.dynoShMax=new $i({key:"shMax",value:new C,update:e=>{var n,s,r;return e.set(((n=this.splatEncoding)==null?void 0:n.sh1Max)??1,((s=this.splatEncoding)==null?void 0:s.sh2Max)??1,((r=this.splatEncoding)==null?void 0:r.sh3Max)??1),e}}),this.initialized=Promise.resolve(this),this.reinitialize(t)}reinitialize(t){this.isInitialized=!1,this.extra={},this.maxSplats=t.maxSplats??0,this.splatEncoding=t.splatEncoding,this.lod=t.lod,this.nonLod=t.nonLod,t.url||t.fileBytes||t.stream||t.construct?this.initialized=this.asyncInitialize(t).then(()=>(this.isInitialized=!0,this)):(this.initialize(t),this.isInitialized=!0,this.initialized=Promise.resolve(this))}initialize(t){this.extra=t.extra??{},this.splatEncoding=t.splatEncoding??this.splatEncoding,this.lodSplats=t.lodSplats,t.packedArray?(this.packedArray=t.packedArray,this.numSplats=t.numSplats??this.packedArray.length/4,this.maxSplats=Math.floor(this.packedArray.length/4),this.maxSplats=Math.floor(this.maxSplats/Nt)*Nt,this.numSplats=Math.min(this.maxSplats,t.numSplats??Number.POSITIVE_INFINITY)):(this.maxSplats=t.maxSplats??0,this.numSplats=0)}async asyncInitialize(t){let{url:e,fileBytes:n,fileType:s,fileName:r,stream:a,streamLength:o,construct:c,lod:l,nonLod:u,lodAbove:h}=t;this.lod=l,this.nonLod=u;let d=new gl;if((n||e||a)&&await d.loadInternalAsync({packedSplats:this,url:e,fileBytes:n,fileType:s,fileName:r,stream:a,streamLength:o,onProgress:t.onProgress,lodAbove:h}),c){let m=c(this);m instanceof Promise&&await m}}dispose(){this.target&&(this.target.dispose(),this.target.texture.source.data=null,this.target=null),this.source&&(this.source.dispose(),this.source.source.data=null,this.source=null),this.packedArray=null;for(let t in this.extra){let e=this.extra[t];if(e instanceof Ve){let n=e.value;n?.isTexture&&(n.dispose(),n.source.data=null)}}this.extra={},this.disposeLodSplats()}prepareFetchSplat(){}getNumSplats(){return this.numSplats}hasRgbDir(){return Math.min(this.getNumSh(),this.maxSh)>0}getNumSh(){return this.extra.sh1?this.extra.sh2?this.extra.sh3?3:2:1:0}setMaxSh(t){this.maxSh=t}fetchSplat({index:t,viewOrigin:e}){let n=sv(this.dyno,t);if(this.hasRgbDir()&&e){let s=Nn(n).outputs.center,r=fl(lr(s,e)),{sh1Texture:a,sh2Texture:o,sh3Texture:c}=this.ensureShTextures(),{rgb:l}=op({coord:zf(t),viewDir:r,numSh:this.dynoNumSh,sh1Texture:a,sh2Texture:o,sh3Texture:c,shMax:this.dynoShMax});l=or(l,Nn(n).outputs.rgb),n=ir({gsplat:n,rgb:l})}return n}ensureShTextures(){if(!this.extra.sh1)return{};let t=this.extra.sh1Texture;if(!t){let s=this.extra.sh1,{width:r,height:a,depth:o,maxSplats:c}=ue(s.length/2);if(s.length<c*2){let u=new Uint32Array(c*2);u.set(s),this.extra.sh1=u,s=u}let l=new _e(s,r,a,o);l.format=ti,l.type=Ht,l.internalFormat="RG32UI",l.needsUpdate=!0,t=new dn({value:l,key:"sh1"}),this.extra.sh1Texture=t}if(!this.extra.sh2)return{sh1Texture:t};let e=this.extra.sh2Texture;if(!e){let s=this.extra.sh2,{width:r,height:a,depth:o,maxSplats:c}=ue(s.length/4);if(s.length<c*4){let u=new Uint32Array(c*4);u.set(s),this.extra.sh2=u,s=u}let l=new _e(s,r,a,o);l.format=te,l.type=Ht,l.internalFormat="RGBA32UI",l.needsUpdate=!0,e=new dn({value:l,key:"sh2"}),this.extra.sh2Texture=e}if(!this.extra.sh3)return{sh1Texture:t,sh2Texture:e};let n=this.extra.sh3Texture;if(!n){let s=this.extra.sh3,{width:r,height:a,depth:o,maxSplats:c}=ue(s.length/4);if(s.length<c*4){let u=new Uint32Array(c*4);u.set(s),this.extra.sh3=u,s=u}let l=new _e(s,r,a,o);l.format=te,l.type=Ht,l.internalFormat="RGBA32UI",l.needsUpdate=!0,n=new dn({value:l,key:"sh3"}),this.extra.sh3Texture=n}return{sh1Texture:t,sh2Texture:e,sh3Texture:n}}ensureSplats(t){let e=t<=this.maxSplats?this.maxSplats:Math.max(t,2*this.maxSplats),n=this.packedArray?this.packedArray.length/4:0;if(!this.packedArray||e>n){this.maxSplats=ue(e).maxSplats;let s=new Uint32Array(this.maxSplats*4);this.packedArray&&s.set(this.packedArray),this.packedArray=s}return this.packedArray}ensureSplatsSh(t,e){let n,s;if(t===0)return this.ensureSplats(e);if(t===1)n=2,s="sh1";else if(t===2)n=4,s="sh2";else if(t===3)n=4,s="sh3";else throw new Error(`Invalid level: ${t}`);let r=this.extra[s]?this.extra[s].length/n:0,a=e<=r?r:Math.max(e,2*r);if(!this.extra[s]||a>r){r=ue(a).maxSplats;let o=new Uint32Array(r*n);this.extra[s]&&o.set(this.extra[s]),this.extra[s]=o}return this.extra[s]}getSplat(t){if(!this.packedArray||t>=this.numSplats)throw new Error("Invalid index");return Uu(this.packedArray,t,this.splatEncoding)}setSplat(t,e,n,s,r,a){let o=this.ensureSplats(t+1);_f(o,t,e.x,e.y,e.z,n.x,n.y,n.z,s.x,s.y,s.z,s.w,r,a.r,a.g,a.b),this.numSplats=Math.max(this.numSplats,t+1)}pushSplat(t,e,n,s,r){let a=this.ensureSplats(this.numSplats+1);_f(a,this.numSplats,t.x,t.y,t.z,e.x,e.y,e.z,n.x,n.y,n.z,n.w,s,r.r,r.g,r.b),++this.numSplats}forEachSplat(t){if(!(!this.packedArray||!this.numSplats))for(let e=0;e<this.numSplats;++e){let n=Uu(this.packedArray,e,this.splatEncoding);t(e,n.center,n.scales,n.quaternion,n.opacity,n.color)}}ensureGenerate(t){if(this.target&&(t??1)<=this.maxSplats)return!1;this.target&&this.target.dispose();let e=ue(t??1),{width:n,height:s,depth:r}=e;return this.maxSplats=e.maxSplats,this.target=new ts(n,s,r,{depthBuffer:!1,stencilBuffer:!1,generateMipmaps:!1,magFilter:me,minFilter:me}),this.target.texture.format=te,this.target.texture.type=Ht,this.target.texture.internalFormat="RGBA32UI",this.target.scissorTest=!0,!0}generateMapping(t){let e=0,n=t.map(s=>{let r=e,a=Math.ceil(s/Nt)*Nt;return e+=a,{base:r,count:s}});return{maxSplats:e,mapping:n}}getTexture(){return this.target?this.target.texture:this.source||this.packedArray?this.maybeUpdateSource():Wn.getEmptyArray}maybeUpdateSource(){if(!this.packedArray)throw new Error("No packed splats");if(this.needsUpdate||!this.source){if(this.needsUpdate=!1,this.source){let{width:t,height:e,depth:n}=this.source.image;this.maxSplats!==t*e*n&&(this.source.dispose(),this.source=null)}if(this.source)this.packedArray.buffer!==this.source.image.data.buffer&&(this.source.image.data=new Uint8Array(this.packedArray.buffer));else{let{width:t,height:e,depth:n}=ue(this.maxSplats);this.source=new _e(this.packedArray,t,e,n),this.source.format=te,this.source.type=Ht,this.source.internalFormat="RGBA32UI",this.source.needsUpdate=!0}this.source.needsUpdate=!0}return this.source}prepareProgramMaterial(t){let e=Wn.generatorProgram.get(t);if(!e){let s=Ln({index:"int"},{},({index:r},a,{roots:o})=>{t.inputs.index=r;let c=t.outputs.gsplat,l=Vf(c,this.dynoRgbMinMaxLnScaleMinMax);o.push(l)});Wn.programTemplate||(Wn.programTemplate=new ar(fa().computeUvec4Template)),e=new oa({graph:s,inputs:{index:"_index"},outputs:{output:"target"},template:Wn.programTemplate}),Object.assign(e.uniforms,{targetLayer:{value:0},targetBase:{value:0},targetCount:{value:0}}),Wn.generatorProgram.set(t,e)}let n=e.prepareMaterial();return Wn.fullScreenQuad.material=n,{program:e,material:n}}saveRenderState(t){return{target:t.getRenderTarget(),xrEnabled:t.xr.enabled,autoClear:t.autoClear}}resetRenderState(t,e){t.setRenderTarget(e.target),t.xr.enabled=e.xrEnabled,t.autoClear=e.autoClear}generate({generator:t,base:e,count:n,renderer:s}){if(!this.target)throw new Error("Target must be initialized with ensureSplats");if(e+n>this.maxSplats)throw new Error("Base + count exceeds maxSplats");let{program:r,material:a}=this.prepareProgramMaterial(t);r.update();let o=this.saveRenderState(s),c=Math.ceil((e+n)/Nt)*Nt,l=Nt*Fn;for(a.uniforms.targetBase.value=e,a.uniforms.targetCount.value=n;e<c;){let u=Math.floor(e/l);a.uniforms.targetLayer.value=u;let h=u*l,d=Math.floor((e-h)/Nt),m=Math.min(Fn,Math.ceil((c-h)/Nt));this.target.scissor.set(0,d,Nt,m-d),s.setRenderTarget(this.target,u),s.xr.enabled=!1,s.autoClear=!1,Wn.fullScreenQuad.render(s),e+=Nt*(m-d)}return this.resetRenderState(s,o),{nextBase:c}}disposeLodSplats(){this.lodSplats&&(this.lodSplats.dispose(),this.lodSplats=void 0)}async createLodSplats({rgbaArray:t,quality:e}={}){let n=typeof this.lod=="number"?Math.max(1.1,Math.min(2,this.lod)):e?1.75:1.5,s=this.packedArray.slice(),r=t?(await t.getArray()).slice():void 0,a={sh1:this.extra.sh1?this.extra.sh1.slice():void 0,sh2:this.extra.sh2?this.extra.sh2.slice():void 0,sh3:this.extra.sh3?this.extra.sh3.slice():void 0},o=await _l.withWorker(async l=>await l.call(e?"qualityLodPackedSplats":"tinyLodPackedSplats",{numSplats:this.numSplats,packedArray:s,extra:a,lodBase:n,rgba:r,encoding:this.splatEncoding??sh})),c=new Wn(o);this.lodSplats&&this.lodSplats.dispose(),this.lodSplats=c,this.nonLod=!0,this.lod=e?"quality":!0}extractSplats(t,e){let n=ue(t.length).maxSplats,s=new Wn({maxSplats:n});for(let r=0;r<t.length;r++){let a=this.getSplat(t[r]);if(e){let o=(t[r]>>>16)*.61803398875;o=o-Math.floor(o);let c=Math.max(0,Math.min(1,Math.abs(o*6-3)-1)),l=Math.max(0,Math.min(1,Math.abs(o*6+1)-1)),u=Math.max(0,Math.min(1,Math.abs(o*6-1)-1));a.color.r*=c,a.color.g*=l,a.color.b*=u}s.pushSplat(a.center,a.scales,a.quaternion,a.opacity,a.color)}return s}};ps.getEmptyArray=(()=>{let{width:i,height:t,depth:e,maxSplats:n}=ue(1),s=new Uint32Array(n*4),r=new _e(s,i,t,e);return r.format=te,r.type=Ht,r.internalFormat="RGBA32UI",r.needsUpdate=!0,r})();ps.programTemplate=null;ps.generatorProgram=new WeakMap;ps.fullScreenQuad=new Gs(new xi({visible:!1}));ps.emptyUint32x4=(()=>{let{width:i,height:t,depth:e,maxSplats:n}=ue(1),s=new Uint32Array(n*4),r=new _e(s,i,t,e);return r.format=te,r.type=Ht,r.internalFormat="RGBA32UI",r.needsUpdate=!0,r})();ps.emptyUint32x2=(()=>{let{width:i,height:t,depth:e,maxSplats:n}=ue(1),s=new Uint32Array(n*2),r=new _e(s,i,t,e);return r.format=ti,r.type=Ht,r.internalFormat="RG32UI",r.needsUpdate=!0,r})();var ur=ps,ml=class extends Ve{constructor({packedSplats:t}={}){super({key:"packedSplats",type:rh,globals:()=>[ah],value:{textureArray:ur.getEmptyArray,numSplats:0,rgbMinMaxLnScaleMinMax:new Qt(0,1,Sn,bn),lodOpacity:!1},update:e=>{var n,s,r,a,o,c,l,u,h,d,m,g;return e.textureArray=((n=this.packedSplats)==null?void 0:n.getTexture())??ur.getEmptyArray,e.numSplats=((s=this.packedSplats)==null?void 0:s.numSplats)??0,e.rgbMinMaxLnScaleMinMax.set(((a=(r=this.packedSplats)==null?void 0:r.splatEncoding)==null?void 0:a.rgbMin)??0,((c=(o=this.packedSplats)==null?void 0:o.splatEncoding)==null?void 0:c.rgbMax)??1,((u=(l=this.packedSplats)==null?void 0:l.splatEncoding)==null?void 0:u.lnScaleMin)??Sn,((d=(h=this.packedSplats)==null?void 0:h.splatEncoding)==null?void 0:d.lnScaleMax)??bn),e.lodOpacity=((g=(m=this.packedSplats)==null?void 0:m.splatEncoding)==null?void 0:g.lodOpacity)??!1,e}}),this.packedSplats=t}},N_=Me(`
  vec3 evaluatePackedSH1(uvec2 packedData, vec3 viewDir, float sh1Max) {
    // Extract sint7 values packed into 2 x uint32
    vec3 sh1_0 = vec3(ivec3(
      int(packedData.x << 25u) >> 25,
      int(packedData.x << 18u) >> 25,
      int(packedData.x << 11u) >> 25
    ));
    vec3 sh1_1 = vec3(ivec3(
      int(packedData.x << 4u) >> 25,
      int((packedData.x >> 3u) | (packedData.y << 29u)) >> 25,
      int(packedData.y << 22u) >> 25
    ));
    vec3 sh1_2 = vec3(ivec3(
      int(packedData.y << 15u) >> 25,
      int(packedData.y << 8u) >> 25,
      int(packedData.y << 1u) >> 25
    ));

    vec3 rgb = sh1_0 * (-0.4886025 * viewDir.y)
      + sh1_1 * (0.4886025 * viewDir.z)
      + sh1_2 * (-0.4886025 * viewDir.x);
    return rgb * (sh1Max / 63.0);
  }
`),U_=Me(`
  vec3 evaluatePackedSH2(uvec4 packedData, vec3 viewDir, float sh2Max) {
    // Extract sint8 values packed into 4 x uint32
    vec3 sh2_0 = vec3(ivec3(
      int(packedData.x << 24u) >> 24,
      int(packedData.x << 16u) >> 24,
      int(packedData.x << 8u) >> 24
    ));
    vec3 sh2_1 = vec3(ivec3(
      int(packedData.x) >> 24,
      int(packedData.y << 24u) >> 24,
      int(packedData.y << 16u) >> 24
    ));
    vec3 sh2_2 = vec3(ivec3(
      int(packedData.y << 8u) >> 24,
      int(packedData.y) >> 24,
      int(packedData.z << 24u) >> 24
    ));
    vec3 sh2_3 = vec3(ivec3(
      int(packedData.z << 16u) >> 24,
      int(packedData.z << 8u) >> 24,
      int(packedData.z) >> 24
    ));
    vec3 sh2_4 = vec3(ivec3(
      int(packedData.w << 24u) >> 24,
      int(packedData.w << 16u) >> 24,
      int(packedData.w << 8u) >> 24
    ));

    vec3 rgb = sh2_0 * (1.0925484 * viewDir.x * viewDir.y)
      + sh2_1 * (-1.0925484 * viewDir.y * viewDir.z)
      + sh2_2 * (0.3153915 * (2.0 * viewDir.z * viewDir.z - viewDir.x * viewDir.x - viewDir.y * viewDir.y))
      + sh2_3 * (-1.0925484 * viewDir.x * viewDir.z)
      + sh2_4 * (0.5462742 * (viewDir.x * viewDir.x - viewDir.y * viewDir.y));
    return rgb * (sh2Max / 127.0);
  }
`),O_=Me(`
  vec3 evaluatePackedSH3(uvec4 packedData, vec3 viewDir, float sh3Max) {
    // Extract sint6 values packed into 4 x uint32
    vec3 sh3_0 = vec3(ivec3(
      int(packedData.x << 26u) >> 26,
      int(packedData.x << 20u) >> 26,
      int(packedData.x << 14u) >> 26
    ));
    vec3 sh3_1 = vec3(ivec3(
      int(packedData.x << 8u) >> 26,
      int(packedData.x << 2u) >> 26,
      int((packedData.x >> 4u) | (packedData.y << 28u)) >> 26
    ));
    vec3 sh3_2 = vec3(ivec3(
      int(packedData.y << 22u) >> 26,
      int(packedData.y << 16u) >> 26,
      int(packedData.y << 10u) >> 26
    ));
    vec3 sh3_3 = vec3(ivec3(
      int(packedData.y << 4u) >> 26,
      int((packedData.y >> 2u) | (packedData.z << 30u)) >> 26,
      int(packedData.z << 24u) >> 26
    ));
    vec3 sh3_4 = vec3(ivec3(
      int(packedData.z << 18u) >> 26,
      int(packedData.z << 12u) >> 26,
      int(packedData.z << 6u) >> 26
    ));
    vec3 sh3_5 = vec3(ivec3(
      int(packedData.z) >> 26,
      int(packedData.w << 26u) >> 26,
      int(packedData.w << 20u) >> 26
    ));
    vec3 sh3_6 = vec3(ivec3(
      int(packedData.w << 14u) >> 26,
      int(packedData.w << 8u) >> 26,
      int(packedData.w << 2u) >> 26
    ));

    float xx = viewDir.x * viewDir.x;
    float yy = viewDir.y * viewDir.y;
    float zz = viewDir.z * viewDir.z;
    float xy = viewDir.x * viewDir.y;
    float yz = viewDir.y * viewDir.z;
    float zx = viewDir.z * viewDir.x;

    vec3 rgb = sh3_0 * (-0.5900436 * viewDir.y * (3.0 * xx - yy))
      + sh3_1 * (2.8906114 * xy * viewDir.z) +
      + sh3_2 * (-0.4570458 * viewDir.y * (4.0 * zz - xx - yy))
      + sh3_3 * (0.3731763 * viewDir.z * (2.0 * zz - 3.0 * xx - 3.0 * yy))
      + sh3_4 * (-0.4570458 * viewDir.x * (4.0 * zz - xx - yy))
      + sh3_5 * (1.4453057 * viewDir.z * (xx - yy))
      + sh3_6 * (-0.5900436 * viewDir.x * (xx - 3.0 * yy));
    return rgb * (sh3Max / 31.0);
  }
`);function op({coord:i,viewDir:t,numSh:e,sh1Texture:n,sh2Texture:s,sh3Texture:r,shMax:a}){return new Gt({inTypes:{coord:"ivec3",viewDir:"vec3",numSh:"int",sh1Texture:"usampler2DArray",sh2Texture:"usampler2DArray",sh3Texture:"usampler2DArray",shMax:"vec3"},outTypes:{rgb:"vec3"},inputs:{coord:i,viewDir:t,numSh:e,sh1Texture:n,sh2Texture:s,sh3Texture:r,shMax:a},globals:()=>[N_,U_,O_],statements:({inputs:o,outputs:c})=>{let l=["vec3 rgb = vec3(0.0);"];return o.sh1Texture&&(l.push(...re(`
          if (${o.numSh} >= 1) {
            vec3 sh1Rgb = evaluatePackedSH1(texelFetch(${o.sh1Texture}, ${o.coord}, 0).rg, ${o.viewDir}, ${o.shMax}.x);
            rgb += sh1Rgb;
          `)),o.sh2Texture&&(l.push(...re(`
            if (${o.numSh} >= 2) {
              vec3 sh2Rgb = evaluatePackedSH2(texelFetch(${o.sh2Texture}, ${o.coord}, 0), ${o.viewDir}, ${o.shMax}.y);
              rgb += sh2Rgb;
            `)),o.sh3Texture&&l.push(...re(`
              if (${o.numSh} >= 3) {
                vec3 sh3Rgb = evaluatePackedSH3(texelFetch(${o.sh3Texture}, ${o.coord}, 0), ${o.viewDir}, ${o.shMax}.z);
                rgb += sh3Rgb;
              }
            `)),l.push("}")),l.push("}")),l.push(`${c.rgb} = rgb;`),l}}).outputs}var gl=class extends ns{constructor(t){super(t),this.fileLoader=new Dr(t)}load(t,e,n,s){return this.loadInternal({url:t,onLoad:e,onProgress:n,onError:s})}async loadAsync(t,e){return new Promise((n,s)=>{this.load(t,r=>{n(r)},e,s)})}parse(t){return new wi({packedSplats:t})}loadInternal({packedSplats:t,extSplats:e,url:n,fileBytes:s,fileType:r,fileName:a,stream:o,streamLength:c,onLoad:l,onProgress:u,onError:h,lod:d,nonLod:m,lodAbove:g,lodBase:v}){s instanceof ArrayBuffer&&(s=new Uint8Array(s));let f=s?void 0:this.manager.resolveURL((this.path??"")+(n??"")),p=o?.getReader();this.manager.itemStart(f??""),_l.withWorker(async y=>{let M=t?.lod??e?.lod;M&&(d=M);let b=t?.nonLod??e?.nonLod;b!==void 0&&(m=b);let w=async P=>{let{loaded:D,total:U}=P;if(D!==void 0&&u&&u(new ProgressEvent("progress",{lengthComputable:U!==0,loaded:D,total:U})),P.nextChunk){let $;if(!p)$=new Uint8Array(0);else{let{done:I,value:G}=await p.read();I?(p.releaseLock(),p=void 0,$=new Uint8Array(0)):$=G}y.call("nextChunk",{chunk:$})}},E=f?new URL(f,window.location.href).toString():void 0,x=await y.call(e?"loadExtSplats":"loadPackedSplats",{url:E,requestHeader:this.requestHeader,withCredentials:this.withCredentials,fileBytes:s?.slice(),fileType:r,pathName:f||a,chunked:o!==void 0,chunkedLength:c,encoding:t?.splatEncoding,lod:d,lodBase:v,nonLod:m,lodAbove:g},{onStatus:w}),T=x;"lodSplats"in x&&(e?T.lodSplats=new Gi({...x.lodSplats}):T.lodSplats=new ur({...x.lodSplats,maxSplats:t?.maxSplats}));let N;e?(N=e,e.initialize(T)):(N=t??new ur,N.initialize(T)),l?.(N)}).catch(y=>{this.manager.itemError(f??""),h?.(y)}).finally(()=>{this.manager.itemEnd(f??"")})}async loadInternalAsync({packedSplats:t,extSplats:e,url:n,fileBytes:s,fileType:r,fileName:a,stream:o,streamLength:c,onProgress:l,lod:u,nonLod:h,lodAbove:d,lodBase:m}){return new Promise((g,v)=>{this.loadInternal({packedSplats:t,extSplats:e,url:n,fileBytes:s,fileType:r,fileName:a,stream:o,streamLength:c,onLoad:g,onProgress:l,onError:v,lod:u,nonLod:h,lodAbove:d,lodBase:m})})}};function z_(i){let e=new DataView(i.buffer).getUint32(0,!0);if((e&16777215)===7957616)return _n.PLY;if((e&16777215)===559903){let n=jv(i,4);return new DataView(n.buffer).getUint32(0,!0)===1347635022?_n.SPZ:void 0}if(e===67324752)return V_(i)?_n.PCSOGSZIP:void 0;if(e===809779538)return _n.RAD}function B_(i){let t=i.split(/[?#]/,1)[0],e=Math.max(t.lastIndexOf("/"),t.lastIndexOf("\\")),n=t.slice(e+1),s=n.lastIndexOf(".");return s<=0||s===n.length-1?"":n.slice(s+1).toLowerCase()}function k_(i){let t=B_(i);if(t==="ply")return _n.PLY;if(t==="spz")return _n.SPZ;if(t==="splat")return _n.SPLAT;if(t==="ksplat")return _n.KSPLAT;if(t==="sog")return _n.PCSOGSZIP;if(t==="rad")return _n.RAD}function H_(i){try{let t;if(typeof i=="string")t=i;else{let s=i instanceof ArrayBuffer?new Uint8Array(i):i;if(s.length>65536)return;t=new TextDecoder().decode(s)}let e=JSON.parse(t);if(!e||typeof e!="object"||Array.isArray(e))return;let n=e.version===2;for(let s of["means","scales","quats","sh0"]){if(!e[s]||typeof e[s]!="object"||Array.isArray(e[s]))return;if(n){if(!e[s].files||(s==="scales"||s==="sh0")&&!e[s].codebook||s==="means"&&(!e[s].mins||!e[s].maxs))return}else if(!e[s].shape||!e[s].files||s!=="quats"&&(!e[s].mins||!e[s].maxs))return}return e}catch{return}}function V_(i){try{let t=i instanceof ArrayBuffer?new Uint8Array(i):i,e=null,n=Pv(t,{filter:({name:r})=>r.split(/[\\/]/).pop()==="meta.json"?(e=r,!0):!1});if(!e)return;let s=H_(n[e]);return s?{name:e,json:s}:void 0}catch{return}}var Sl=class vn{constructor(t={}){this.maxSplats=0,this.numSplats=0,this.extra={},this.maxSh=3,this.isInitialized=!1,this.extArrays=[new Uint32Array(0),new Uint32Array(0)],this.textures=[vn.emptyTexture,vn.emptyTexture],this.extra={},this.dyno=new Ju({extSplats:this}),this.dynoNumSh=new Xn({key:"numSh",value:0,update:()=>Math.min(this.getNumSh(),this.maxSh)}),this.initialized=Promise.resolve(this),this.reinitialize(t)}reinitialize(t){this.isInitialized=!1,this.extra={},this.maxSplats=t.maxSplats??0,this.lod=t.lod,this.nonLod=t.nonLod,t.url||t.fileBytes||t.stream||t.construct?this.initialized=this.asyncInitialize(t).then(()=>(this.isInitialized=!0,this)):(this.initialize(t),this.isInitialized=!0,this.initialized=Promise.resolve(this))}initialize(t){this.extra=t.extra??{},this.lodSplats=t.lodSplats,t.extArrays?(this.extArrays=t.extArrays,this.maxSplats=Math.floor(Math.min(this.extArrays[0].length/4,this.extArrays[1].length/4)),this.numSplats=t.numSplats??this.maxSplats,this.maxSplats=Math.floor(this.maxSplats/Nt)*Nt,this.numSplats=Math.min(this.maxSplats,t.numSplats??Number.POSITIVE_INFINITY),this.updateTextures()):(this.maxSplats=t.maxSplats??0,this.numSplats=0,this.extArrays=[new Uint32Array(0),new Uint32Array(0)])}async asyncInitialize(t){let{url:e,fileBytes:n,fileType:s,fileName:r,stream:a,streamLength:o,construct:c,lod:l,nonLod:u,lodAbove:h}=t;this.lod=l,this.nonLod=u;let d=new gl;if((n||e||a)&&await d.loadInternalAsync({extSplats:this,url:e,fileBytes:n,fileType:s,fileName:r,stream:a,streamLength:o,onProgress:t.onProgress,lodAbove:h}),c){let m=c(this);m instanceof Promise&&await m}}dispose(){this.textures[0]!==vn.emptyTexture&&(this.textures[0].dispose(),this.textures[0].source.data=null,this.textures[0]=vn.emptyTexture),this.textures[1]!==vn.emptyTexture&&(this.textures[1].dispose(),this.textures[1].source.data=null,this.textures[1]=vn.emptyTexture),this.extArrays=[new Uint32Array(0),new Uint32Array(0)];for(let t in this.extra){let e=this.extra[t];if(e instanceof Ve){let n=e.value;n?.isTexture&&(n.dispose(),n.source.data=null)}}this.extra={},this.disposeLodSplats()}prepareFetchSplat(){}getNumSplats(){return this.numSplats}hasRgbDir(){return Math.min(this.getNumSh(),this.maxSh)>0}getNumSh(){return this.extra.sh1?this.extra.sh2?!this.extra.sh3a||!this.extra.sh3b?2:3:1:0}setMaxSh(t){this.maxSh=t}fetchSplat({index:t,viewOrigin:e}){let n=av(this.dyno,t);if(this.hasRgbDir()&&e){let s=Nn(n).outputs.center,r=fl(lr(s,e)),{sh1Texture:a,sh2Texture:o,sh3TextureA:c,sh3TextureB:l}=this.ensureShTextures(),{rgb:u}=lp({coord:zf(t),viewDir:r,numSh:this.dynoNumSh,sh1Texture:a,sh2Texture:o,sh3TextureA:c,sh3TextureB:l});u=or(u,Nn(n).outputs.rgb),n=ir({gsplat:n,rgb:u})}return n}ensureShTextures(){if(!this.extra.sh1)return{};let t=this.extra.sh1Texture;if(!t){let r=this.extra.sh1,{width:a,height:o,depth:c,maxSplats:l}=ue(r.length/4);if(r.length<l*4){let h=new Uint32Array(l*4);h.set(r),this.extra.sh1=h,r=h}let u=hs(r,a,o,c,te,Ht,"RGBA32UI");t=new dn({value:u,key:"sh1"}),this.extra.sh1Texture=t}if(!this.extra.sh2)return{sh1Texture:t};let e=this.extra.sh2Texture;if(!e){let r=this.extra.sh2,{width:a,height:o,depth:c,maxSplats:l}=ue(r.length/4);if(r.length<l*4){let h=new Uint32Array(l*4);h.set(r),this.extra.sh2=h,r=h}let u=hs(r,a,o,c,te,Ht,"RGBA32UI");e=new dn({value:u,key:"sh2"}),this.extra.sh2Texture=e}if(!this.extra.sh3a||!this.extra.sh3b)return{sh1Texture:t,sh2Texture:e};let n=this.extra.sh3TextureA;if(!n){let r=this.extra.sh3a,{width:a,height:o,depth:c,maxSplats:l}=ue(r.length/4);if(r.length<l*4){let h=new Uint32Array(l*4);h.set(r),this.extra.sh3a=h,r=h}let u=hs(r,a,o,c,te,Ht,"RGBA32UI");n=new dn({value:u,key:"sh3"}),this.extra.sh3TextureA=n}let s=this.extra.sh3TextureB;if(!s){let r=this.extra.sh3b,{width:a,height:o,depth:c,maxSplats:l}=ue(r.length/4);if(r.length<l*4){let h=new Uint32Array(l*4);h.set(r),this.extra.sh3b=h,r=h}let u=hs(r,a,o,c,te,Ht,"RGBA32UI");s=new dn({value:u,key:"sh3b"}),this.extra.sh3TextureB=s}return{sh1Texture:t,sh2Texture:e,sh3TextureA:n,sh3TextureB:s}}ensureSplats(t){let e=t<=this.maxSplats?this.maxSplats:Math.max(t,2*this.maxSplats),n=this.extArrays[0]?this.extArrays[0].length/4:0;if(!this.extArrays[0]||e>n){this.maxSplats=ue(e).maxSplats;let s=new Uint32Array(this.maxSplats*4),r=new Uint32Array(this.maxSplats*4);this.extArrays[0]&&(s.set(this.extArrays[0]),r.set(this.extArrays[1])),this.extArrays[0]=s,this.extArrays[1]=r}return this.extArrays}getSplat(t){if(t>=this.numSplats)throw new Error("Invalid index");return Nu(this.extArrays,t)}setSplat(t,e,n,s,r,a){let o=this.ensureSplats(t+1);vf(o,t,e.x,e.y,e.z,n.x,n.y,n.z,s.x,s.y,s.z,s.w,r,a.r,a.g,a.b),this.numSplats=Math.max(this.numSplats,t+1)}pushSplat(t,e,n,s,r){let a=this.ensureSplats(this.numSplats+1);vf(a,this.numSplats,t.x,t.y,t.z,e.x,e.y,e.z,n.x,n.y,n.z,n.w,s,r.r,r.g,r.b),++this.numSplats}forEachSplat(t){if(this.numSplats)for(let e=0;e<this.numSplats;++e){let n=Nu(this.extArrays,e);t(e,n.center,n.scales,n.quaternion,n.opacity,n.color)}}updateTextures(){if(this.textures[0]!==vn.emptyTexture){let{width:t,height:e,depth:n}=this.textures[0].image;this.maxSplats!==t*e*n&&(this.textures[0].dispose(),this.textures[0]=vn.emptyTexture,this.textures[1].dispose(),this.textures[1]=vn.emptyTexture)}if(this.textures[0]===vn.emptyTexture){let{width:t,height:e,depth:n}=ue(this.maxSplats);this.textures[0]=hs(this.extArrays[0],t,e,n,te,Ht,"RGBA32UI"),this.textures[1]=hs(this.extArrays[1],t,e,n,te,Ht,"RGBA32UI")}else this.extArrays[0].buffer!==this.textures[0].image.data.buffer&&(this.textures[0].image.data=new Uint8Array(this.extArrays[0].buffer),this.textures[1].image.data=new Uint8Array(this.extArrays[1].buffer),this.textures[0].needsUpdate=!0,this.textures[1].needsUpdate=!0)}extractSplats(t,e){let n=ue(t.length).maxSplats,s=new vn({maxSplats:n});for(let r=0;r<t.length;r++){let a=this.getSplat(t[r]);if(e){let o=(t[r]>>>16)*.61803398875;o=o-Math.floor(o);let c=Math.max(0,Math.min(1,Math.abs(o*6-3)-1)),l=Math.max(0,Math.min(1,Math.abs(o*6+1)-1)),u=Math.max(0,Math.min(1,Math.abs(o*6-1)-1));a.color.r*=c,a.color.g*=l,a.color.b*=u}s.pushSplat(a.center,a.scales,a.quaternion,a.opacity,a.color)}return s}disposeLodSplats(){this.lodSplats&&(this.lodSplats.dispose(),this.lodSplats=void 0)}async createLodSplats({rgbaArray:t,quality:e}={}){let n=typeof this.lod=="number"?Math.max(1.1,Math.min(2,this.lod)):e?1.75:1.5,s=[this.extArrays[0].slice(),this.extArrays[1].slice()],r=t?(await t.getArray()).slice():void 0,a={sh1:this.extra.sh1?this.extra.sh1.slice():void 0,sh2:this.extra.sh2?this.extra.sh2.slice():void 0,sh3:this.extra.sh3?this.extra.sh3.slice():void 0},o=await _l.withWorker(async l=>await l.call(e?"qualityLodExtSplats":"tinyLodExtSplats",{numSplats:this.numSplats,extArrays:s,extra:a,lodBase:n,rgba:r})),c=new vn(o);this.lodSplats&&this.lodSplats.dispose(),this.lodSplats=c,this.nonLod=!0,this.lod=e?"quality":!0}};Sl.emptyArray=(()=>{let{width:i,height:t,depth:e,maxSplats:n}=ue(1),s=new Uint32Array(n*4),r=new _e(s,i,t,e);return r.format=te,r.type=Ht,r.internalFormat="RGBA32UI",r.needsUpdate=!0,r})();Sl.emptyTexture=hs(null,1,1,1,te,Ht,"RGBA32UI");Sl.emptyUint32x4=(()=>{let{width:i,height:t,depth:e,maxSplats:n}=ue(1),s=new Uint32Array(n*4),r=new _e(s,i,t,e);return r.format=te,r.type=Ht,r.internalFormat="RGBA32UI",r.needsUpdate=!0,r})();var Gi=Sl,Ju=class extends Ve{constructor({extSplats:t}={}){super({key:"extSplats",type:Of,globals:()=>[kf],value:{textureArray1:Gi.emptyTexture,textureArray2:Gi.emptyTexture,numSplats:0},update:e=>{var n,s,r;return e.textureArray1=((n=this.extSplats)==null?void 0:n.textures[0])??Gi.emptyTexture,e.textureArray2=((s=this.extSplats)==null?void 0:s.textures[1])??Gi.emptyTexture,e.numSplats=((r=this.extSplats)==null?void 0:r.numSplats)??0,e}}),this.extSplats=t}},G_=Me(`
  vec3 evaluateExtSH1(uvec4 packedData, vec3 viewDir) {
    vec3 sh1_0 = decodeExtRgb(packedData.x);
    vec3 sh1_1 = decodeExtRgb(packedData.y);
    vec3 sh1_2 = decodeExtRgb(packedData.z);

    return sh1_0 * (-0.4886025 * viewDir.y)
      + sh1_1 * (0.4886025 * viewDir.z)
      + sh1_2 * (-0.4886025 * viewDir.x);
  }
`),$_=Me(`
  vec3 evaluateExtSH12(uvec4 packed1, uvec4 packed2, vec3 viewDir) {
    vec3 sh1_0 = decodeExtRgb(packed1.x);
    vec3 sh1_1 = decodeExtRgb(packed1.y);
    vec3 sh1_2 = decodeExtRgb(packed1.z);

    vec3 sh2_0 = decodeExtRgb(packed1.w);
    vec3 sh2_1 = decodeExtRgb(packed2.x);
    vec3 sh2_2 = decodeExtRgb(packed2.y);
    vec3 sh2_3 = decodeExtRgb(packed2.z);
    vec3 sh2_4 = decodeExtRgb(packed2.w);

    vec3 sh1Rgb = sh1_0 * (-0.4886025 * viewDir.y)
      + sh1_1 * (0.4886025 * viewDir.z)
      + sh1_2 * (-0.4886025 * viewDir.x);

    vec3 sh2Rgb = sh2_0 * (1.0925484 * viewDir.x * viewDir.y)
      + sh2_1 * (-1.0925484 * viewDir.y * viewDir.z)
      + sh2_2 * (0.3153915 * (2.0 * viewDir.z * viewDir.z - viewDir.x * viewDir.x - viewDir.y * viewDir.y))
      + sh2_3 * (-1.0925484 * viewDir.x * viewDir.z)
      + sh2_4 * (0.5462742 * (viewDir.x * viewDir.x - viewDir.y * viewDir.y));

    return sh1Rgb + sh2Rgb;
  }
`),W_=Me(`
  vec3 evaluateExtSH3(uvec4 packedA, uvec4 packedB, vec3 viewDir) {
    vec3 sh3_0 = decodeExtRgb(packedA.x);
    vec3 sh3_1 = decodeExtRgb(packedA.y);
    vec3 sh3_2 = decodeExtRgb(packedA.z);
    vec3 sh3_3 = decodeExtRgb(packedA.w);
    vec3 sh3_4 = decodeExtRgb(packedB.x);
    vec3 sh3_5 = decodeExtRgb(packedB.y);
    vec3 sh3_6 = decodeExtRgb(packedB.z);

    float xx = viewDir.x * viewDir.x;
    float yy = viewDir.y * viewDir.y;
    float zz = viewDir.z * viewDir.z;
    float xy = viewDir.x * viewDir.y;
    float yz = viewDir.y * viewDir.z;
    float zx = viewDir.z * viewDir.x;

    return sh3_0 * (-0.5900436 * viewDir.y * (3.0 * xx - yy))
      + sh3_1 * (2.8906114 * xy * viewDir.z) +
      + sh3_2 * (-0.4570458 * viewDir.y * (4.0 * zz - xx - yy))
      + sh3_3 * (0.3731763 * viewDir.z * (2.0 * zz - 3.0 * xx - 3.0 * yy))
      + sh3_4 * (-0.4570458 * viewDir.x * (4.0 * zz - xx - yy))
      + sh3_5 * (1.4453057 * viewDir.z * (xx - yy))
      + sh3_6 * (-0.5900436 * viewDir.x * (xx - 3.0 * yy));
  }
`);function lp({coord:i,viewDir:t,numSh:e,sh1Texture:n,sh2Texture:s,sh3TextureA:r,sh3TextureB:a}){return new Gt({inTypes:{coord:"ivec3",viewDir:"vec3",numSh:"int",sh1Texture:"usampler2DArray",sh2Texture:"usampler2DArray",sh3TextureA:"usampler2DArray",sh3TextureB:"usampler2DArray"},outTypes:{rgb:"vec3"},inputs:{coord:i,viewDir:t,numSh:e,sh1Texture:n,sh2Texture:s,sh3TextureA:r,sh3TextureB:a},globals:()=>[G_,$_,W_],statements:({inputs:o,outputs:c})=>{let l=["vec3 rgb = vec3(0.0);"];return o.sh1Texture&&(o.sh2Texture?(l.push(...re(`
            if (${o.numSh} == 1) {
              rgb = evaluateExtSH1(texelFetch(${o.sh1Texture}, ${o.coord}, 0), ${o.viewDir});
            } else if (${o.numSh} >= 2) {
              rgb = evaluateExtSH12(texelFetch(${o.sh1Texture}, ${o.coord}, 0), texelFetch(${o.sh2Texture}, ${o.coord}, 0), ${o.viewDir});
            `)),o.sh3TextureA&&o.sh3TextureB&&l.push(...re(`
              if (${o.numSh} >= 3) {
                rgb += evaluateExtSH3(texelFetch(${o.sh3TextureA}, ${o.coord}, 0), texelFetch(${o.sh3TextureB}, ${o.coord}, 0), ${o.viewDir});
              }
            `)),l.push("}")):l.push(...re(`
            if (${o.numSh} >= 1) {
              rgb = evaluateExtSH1(texelFetch(${o.sh1Texture}, ${o.coord}, 0), ${o.viewDir});
            }
            `))),l.push(`${c.rgb} = rgb;`),l}}).outputs}function hs(i,t,e,n,s,r,a){let o=new _e(i,t,e,n);return o.format=s,o.type=r,o.internalFormat=a,o.needsUpdate=!0,o}var cp=class hn{constructor(t={}){if(this.capacity=0,this.count=0,this.array=null,this.readback=null,this.source=null,this.needsUpdate=!0,this.dyno=new Ve({key:"rgbaArray",type:up,globals:()=>[q_],value:{texture:hn.getEmpty(),count:0},update:e=>(e.texture=this.getTexture(),e.count=this.count,e)}),t.array){this.array=t.array;let e=Math.floor(this.array.length/4);this.capacity=Math.ceil(e/Nt)*Nt,this.capacity>e&&(this.array=new Uint8Array(this.capacity*4),this.array.set(t.array)),this.count=Math.min(e,t.count??Number.POSITIVE_INFINITY)}else this.capacity=t.capacity??0,this.count=0}dispose(){this.readback&&(this.readback.dispose(),this.readback=null),this.source&&(this.source.dispose(),this.source=null)}ensureCapacity(t){var e;if(!this.array||t>(((e=this.array)==null?void 0:e.length)??0)/4){this.capacity=ue(t).maxSplats;let n=new Uint8Array(this.capacity*4);this.array&&n.set(this.array),this.array=n}return this.array}getTexture(){var t;let e=(t=this.readback)==null?void 0:t.getTexture();return(this.source||this.array)&&(e=this.maybeUpdateSource()),e??hn.getEmpty()}maybeUpdateSource(){if(!this.array)throw new Error("No array");if(this.needsUpdate||!this.source){if(this.needsUpdate=!1,this.source){let{width:t,height:e,depth:n}=this.source.image;this.capacity!==t*e*n&&(this.source.dispose(),this.source=null)}if(this.source)this.array.buffer!==this.source.image.data.buffer&&(this.source.image.data=new Uint8Array(this.array.buffer));else{let{width:t,height:e,depth:n}=ue(this.capacity);this.source=new _e(this.array,t,e,n),this.source.format=Ae,this.source.type=we,this.source.internalFormat="RGBA8",this.source.needsUpdate=!0}this.source.needsUpdate=!0}return this.source}render({reader:t,count:e,renderer:n}){this.readback||(this.readback=new lh({renderer:n})),this.readback.render({reader:t,count:e,renderer:n}),this.capacity=this.readback.capacity,this.count=this.readback.count}fromPackedSplats({packedSplats:t,base:e,count:n,renderer:s}){let{dynoSplats:r,dynoBase:a,dynoCount:o,reader:c}=hn.makeDynos();return r.packedSplats=t,a.value=e,o.value=n,this.render({reader:c,count:n,renderer:s}),this}async read(){if(!this.readback)throw new Error("No readback");return(!this.array||this.array.length<this.count*4)&&(this.array=new Uint8Array(this.capacity*4)),(await this.readback.readback({readback:this.array})).subarray(0,this.count*4)}async getArray(){if(this.readback)return await this.read();if(this.array)return this.array;throw new Error("No array")}static getEmpty(){if(!hn.emptySource){let t=new Uint8Array(4);hn.emptySource=new _e(t,1,1,1),hn.emptySource.format=Ae,hn.emptySource.type=we,hn.emptySource.internalFormat="RGBA8",hn.emptySource.needsUpdate=!0}return hn.emptySource}static makeDynos(){if(!hn.dynos){let t=new ml,e=new Xn({value:0}),n=new Xn({value:0}),s=Ln({index:"int"},{rgba8:"vec4"},({index:r})=>{if(!r)throw new Error("index is undefined");r=or(r,e);let a=rv(t,r,e,n);return{rgba8:Nn(a).outputs.rgba}});hn.dynos={dynoSplats:t,dynoBase:e,dynoCount:n,reader:s}}return hn.dynos}};cp.emptySource=null;cp.dynos=null;var up={type:"RgbaArray"},q_=Me(`
  struct RgbaArray {
    sampler2DArray texture;
    int count;
  };
`);var ju=256,th=256,Kr=ju*th,hr=class{constructor(t){var e;if(this.abortController=new AbortController,this.pager=t.pager,this.rootUrl=t.rootUrl??"",this.requestHeader=t.requestHeader,this.withCredentials=t.withCredentials,this.numSh=0,this.maxSh=((e=t.pager)==null?void 0:e.maxSh)??3,this.numSplats=0,this.dynoNumSplats=new Xn({value:0}),this.dynoIndices=new hl({value:tr.emptyIndicesTexture}),this.rgbMinMaxLnScaleMinMax=new rr({value:new Qt(0,1,Sn,bn)}),this.lodOpacity=new aa({value:!1}),this.dynoNumSh=new Xn({value:0}),this.shMax=new $i({value:new C}),this.fileBytes=t.fileBytes,this.fileType=t.fileType,!this.fileType&&this.fileBytes&&(this.fileType=z_(this.fileBytes)),!this.fileType&&this.rootUrl&&(this.fileType=k_(this.rootUrl)),!this.fileType)throw new Error("Unable to determine file type");this.fileType===_n.RAD&&(this.radMetaPromise=this.getRadMeta())}dispose(){this.dynoIndices.value!==tr.emptyIndicesTexture&&(this.dynoIndices.value.dispose(),this.dynoIndices.value=tr.emptyIndicesTexture),this.abortController.abort()}setMaxSh(t){this.maxSh=t}getRadMeta(){return this.radMetaPromise?this.radMetaPromise:(this.radMetaPromise=(async()=>{if(await D_,this.fileBytes){let t=bf(this.fileBytes.slice(0,1048576));if(t)return t;throw new Error("Failed to decode RAD header")}if(!this.rootUrl)throw new Error("No url or fileBytes provided");for(let t of[65536,256*1024,1024*1024]){let e=await au({url:this.rootUrl,requestHeader:this.requestHeader,withCredentials:this.withCredentials,offset:0,bytes:t}),n=bf(e);if(n)return n}throw new Error("Failed to decode RAD header")})().then(t=>t),this.radMetaPromise.catch(t=>{console.error(t)}),this.radMetaPromise)}chunkUrl(t){return this.rootUrl.replace(/-lod-0\./,`-lod-${t}.`)}async fetchDecodeChunk(t){let e;if(this.fileType===_n.RAD){let{meta:n,chunksStart:s}=await this.getRadMeta();if(t<0||t>=n.chunks.length)throw new Error(`Chunk index out of range: ${t} (max: ${n.chunks.length-1})`);let{offset:r,bytes:a,filename:o}=n.chunks[t];if(o){if(this.fileBytes)throw new Error("Chunked RAD file not supported with fileBytes");let c=new URL(this.rootUrl,window.location.href).toString(),l=new URL(o,c).toString();e=await au({url:l,requestHeader:this.requestHeader,withCredentials:this.withCredentials,signal:this.abortController.signal})}else if(r+=s,this.fileBytes){if(r<0||r+a>this.fileBytes.length)throw new Error(`Invalid chunk offset or bytes: ${r} + ${a} > ${this.fileBytes.length}`);e=this.fileBytes.slice(r,r+a)}else if(this.rootUrl)e=await au({url:this.rootUrl,requestHeader:this.requestHeader,withCredentials:this.withCredentials,offset:r,bytes:a,signal:this.abortController.signal});else throw new Error("No url or fileBytes provided")}else if(!this.fileBytes)if(this.rootUrl){let n=this.chunkUrl(t),s=new Request(n,{headers:this.requestHeader?new Headers(this.requestHeader):void 0,credentials:this.withCredentials?"include":"same-origin",signal:this.abortController.signal}),r=await fetch(s);if(!r.ok||!r.body)throw new Error(`Failed to fetch "${n}": ${r.status} ${r.statusText}`);e=new Uint8Array(await r.arrayBuffer())}else throw new Error("No url or fileBytes provided");return await _l.withWorker(async n=>{var s,r,a,o,c;if(!this.pager)throw new Error("PagedSplats.pager not set");if(!this.pager.extSplats){let d=await n.call("loadPackedSplats",{fileBytes:e,pathName:this.chunkUrl(t),sh1Codes:(s=this.sh1Codes)==null?void 0:s.slice(),sh2Codes:(r=this.sh2Codes)==null?void 0:r.slice(),sh3Codes:(a=this.sh3Codes)==null?void 0:a.slice()});if(!("lodSplats"in d))throw new Error("Loaded chunk does not contain LoD splats");let m=d.lodSplats;return this.splatEncoding||(this.splatEncoding=m.splatEncoding,this.numSh=m.extra.sh3?3:m.extra.sh2?2:m.extra.sh1?1:0,this.rgbMinMaxLnScaleMinMax.value.set(this.splatEncoding.rgbMin??0,this.splatEncoding.rgbMax??1,this.splatEncoding.lnScaleMin??Sn,this.splatEncoding.lnScaleMax??bn),this.lodOpacity.value=this.splatEncoding.lodOpacity??!1,this.shMax.value.set(this.splatEncoding.sh1Max??1,this.splatEncoding.sh2Max??1,this.splatEncoding.sh3Max??1)),this.sh1Codes=m.extra.sh1Codes??this.sh1Codes,this.sh2Codes=m.extra.sh2Codes??this.sh2Codes,this.sh3Codes=m.extra.sh3Codes??this.sh3Codes,m}let l=this.sh3Codes,u=await n.call("loadExtSplats",{fileBytes:e,pathName:this.chunkUrl(t),sh1Codes:(o=this.sh1Codes)==null?void 0:o.slice(),sh2Codes:(c=this.sh2Codes)==null?void 0:c.slice(),sh3Codes:l?[l[0].slice(),l[1].slice()]:void 0});if(!("lodSplats"in u))throw new Error("Loaded chunk does not contain LoD splats");let h=u.lodSplats;return this.splatEncoding||(this.splatEncoding=sh,this.numSh=h.extra.sh3a&&h.extra.sh3b?3:h.extra.sh2?2:h.extra.sh1?1:0),this.sh1Codes=h.extra.sh1Codes??this.sh1Codes,this.sh2Codes=h.extra.sh2Codes??this.sh2Codes,this.sh3Codes=h.extra.sh3Codes??this.sh3Codes,h})}update(t,e){if(!this.pager)throw new Error("PagedSplats.pager not set");let n=this.pager.renderer;this.numSplats=t,this.dynoNumSplats.value=this.numSplats;let s=Math.ceil(t/16384),r=this.dynoIndices.value===tr.emptyIndicesTexture?void 0:this.dynoIndices.value;if(r&&s>r.image.height&&(r.dispose(),r=void 0),!r)r=new gn(e,4096,s,te,Ht),r.internalFormat="RGBA32UI",r.needsUpdate=!0,n.initTexture(r),this.dynoIndices.value=r;else{let a=r.image.data;a.set(e.subarray(0,t)),ku(n,r,4096,s,a)}}prepareFetchSplat(){}getNumSplats(){return this.numSplats}hasRgbDir(){return this.pager?Math.min(this.numSh,this.pager.maxSh)>0:!1}getNumSh(){return this.numSh}fetchSplat({index:t,viewOrigin:e}){if(!this.pager)throw new Error("PagedSplats.pager not set");let n=this.pager.readIndex.apply({index:t,numSplats:this.dynoNumSplats,indices:this.dynoIndices}).index;return this.pager.extSplats?this.hasRgbDir()&&e?(this.dynoNumSh.value=Math.min(this.numSh,this.maxSh,this.pager.maxSh),this.pager.readSplatExtDir.apply({index:n,viewOrigin:e,numSh:this.dynoNumSh}).gsplat):this.pager.readSplatExt.apply({index:n}).gsplat:this.hasRgbDir()&&e?(this.dynoNumSh.value=Math.min(this.numSh,this.maxSh,this.pager.maxSh),this.pager.readSplatDir.apply({index:n,rgbMinMaxLnScaleMinMax:this.rgbMinMaxLnScaleMinMax,lodOpacity:this.lodOpacity,viewOrigin:e,numSh:this.dynoNumSh,shMax:this.shMax}).gsplat):this.pager.readSplat.apply({index:n,rgbMinMaxLnScaleMinMax:this.rgbMinMaxLnScaleMinMax,lodOpacity:this.lodOpacity}).gsplat}forEachSplat(t){if(!this.pager||!this.numSplats)return;let e=this.pager.extSplats,n=this.dynoIndices.value.image.data,s=this.pager.packedTexture.value.image.data,r=this.pager.extTexture.value.image.data,a=[s,r];for(let o=0;o<this.numSplats;++o){let c=n[o],l=e?Nu(a,c):Uu(s,c,this.splatEncoding);t(o,l.center,l.scales,l.quaternion,l.opacity,l.color)}}},Ye=class ii{constructor(t){this.fetchPause=0,this.splatsChunkToPage=new Map,this.pageToSplatsChunk=[],this.renderer=t.renderer,this.extSplats=t.extSplats??!1,this.pageSplats=Kr,this.maxSplats=t.maxSplats??16777216,this.maxPages=Math.ceil(this.maxSplats/Kr),this.maxSplats=this.maxPages*Kr,this.maxSh=t.maxSh??3,this.curSh=0,this.autoDrive=t.autoDrive??!0,this.numFetchers=t.numFetchers??3,this.splatsChunkToPage=new Map,this.pageToSplatsChunk=new Array(this.maxPages),this.pageFreelist=Array.from({length:this.maxPages},(n,s)=>s),this.pageLru=new Set,this.freeablePages=[],this.newUploads=[],this.readyUploads=[],this.lodTreeUpdates=[],this.fetchers=[],this.fetched=[],this.fetchPriority=[],this.packedTexture=new dn({value:this.newUint32ArrayTexture(4)}),this.extTexture=new dn({value:this.extSplats?this.newUint32ArrayTexture(4):ii.emptyExtTexture});let e=this.extSplats?ii.emptyExtShTextures:ii.emptyShTextures;this.shTextures=e.map(n=>new dn({value:n})),this.readIndex=Ln({index:"int",numSplats:"int",indices:"usampler2D"},{index:"int"},({index:n,numSplats:s,indices:r})=>new Gt({inTypes:{index:"int",numSplats:"int",indices:"usampler2D"},outTypes:{index:"int"},inputs:{index:n,numSplats:s,indices:r},statements:({inputs:a,outputs:o})=>re(`
            if (${a.index} >= ${a.numSplats}) {
              return;
            }

            ivec2 indexCoord = ivec2((${a.index} >> 2) & 4095, ${a.index} >> 14);
            uint index = texelFetch(${a.indices}, indexCoord, 0)[${a.index} & 3];
            ${o.index} = int(index);
          `)}).outputs),this.readSplat=Ln({index:"int",rgbMinMaxLnScaleMinMax:"vec4",lodOpacity:"bool"},{gsplat:fe},({index:n,rgbMinMaxLnScaleMinMax:s,lodOpacity:r})=>new Gt({inTypes:{index:"int",packedTexture:"usampler2DArray",rgbMinMaxLnScaleMinMax:"vec4",lodOpacity:"bool"},outTypes:{gsplat:fe},inputs:{index:n,packedTexture:this.packedTexture,rgbMinMaxLnScaleMinMax:s,lodOpacity:r},globals:()=>[Mn],statements:({inputs:a,outputs:o})=>re(`
            int index = ${a.index};
            ivec3 splatCoord = pagedSplatTexCoord(index);
            uvec4 packedData = texelFetch(${a.packedTexture}, splatCoord, 0);

            unpackSplatEncoding(packedData, ${o.gsplat}.center, ${o.gsplat}.scales, ${o.gsplat}.quaternion, ${o.gsplat}.rgba, ${a.rgbMinMaxLnScaleMinMax});
            if ((${o.gsplat}.rgba.a == 0.0) || all(equal(${o.gsplat}.scales, vec3(0.0, 0.0, 0.0)))) {
              return;
            }
            
            ${o.gsplat}.index = index;
            ${o.gsplat}.flags = GSPLAT_FLAG_ACTIVE;
            if (${a.lodOpacity}) {
              ${o.gsplat}.rgba.a *= 2.0;
            }
          `)}).outputs),this.readSplatDir=Ln({index:"int",rgbMinMaxLnScaleMinMax:"vec4",lodOpacity:"bool",viewOrigin:"vec3",numSh:"int",shMax:"vec3"},{gsplat:fe},({index:n,rgbMinMaxLnScaleMinMax:s,lodOpacity:r,viewOrigin:a,numSh:o,shMax:c})=>{if(!n||!s||!r||!a||!o||!c)throw new Error("index and viewOrigin are required");let l=this.readSplat.apply({index:n,rgbMinMaxLnScaleMinMax:s,lodOpacity:r}).gsplat,u=Nn(l).outputs.center,h=fl(lr(u,a)),d=op({coord:gf(n),viewDir:h,numSh:o,sh1Texture:this.shTextures[0],sh2Texture:this.shTextures[1],sh3Texture:this.shTextures[2],shMax:c}).rgb;return d=or(d,Nn(l).outputs.rgb),l=ir({gsplat:l,rgb:d}),{gsplat:l}}),this.readSplatExt=Ln({index:"int"},{gsplat:fe},({index:n})=>new Gt({inTypes:{index:"int",extTexture1:"usampler2DArray",extTexture2:"usampler2DArray"},outTypes:{gsplat:fe},inputs:{index:n,extTexture1:this.packedTexture,extTexture2:this.extTexture},globals:()=>[Mn],statements:({inputs:s,outputs:r})=>re(`
            int index = ${s.index};
            ivec3 splatCoord = ivec3(index & 255, (index >> 8) & 255, index >> 16);
            uvec4 ext1 = texelFetch(${s.extTexture1}, splatCoord, 0);
            float alpha = unpackSplatExtAlpha(ext1);
            if (alpha == 0.0) {
              return;
            }

            uvec4 ext2 = texelFetch(${s.extTexture2}, splatCoord, 0);
            unpackSplatExt(ext1, ext2, ${r.gsplat}.center, ${r.gsplat}.scales, ${r.gsplat}.quaternion, ${r.gsplat}.rgba);
            if (all(equal(${r.gsplat}.scales, vec3(0.0, 0.0, 0.0)))) {
              return;
            }

            ${r.gsplat}.index = index;
            ${r.gsplat}.flags = GSPLAT_FLAG_ACTIVE;
          `)}).outputs),this.readSplatExtDir=Ln({index:"int",viewOrigin:"vec3",numSh:"int"},{gsplat:fe},({index:n,viewOrigin:s,numSh:r})=>{if(!n||!s||!r)throw new Error("index and viewOrigin are required");let a=this.readSplatExt.apply({index:n}).gsplat,o=Nn(a).outputs.center,c=fl(lr(o,s)),l=lp({coord:gf(n),viewDir:c,numSh:r,sh1Texture:this.shTextures[0],sh2Texture:this.shTextures[1],sh3TextureA:this.shTextures[2],sh3TextureB:this.shTextures[3]}).rgb;return l=or(l,Nn(a).outputs.rgb),a=ir({gsplat:a,rgb:l}),{gsplat:a}})}dispose(){this.autoDrive=!1,this.numFetchers=0,this.packedTexture.value.dispose(),this.packedTexture.value.source.data=null,this.extTexture.value!==ii.emptyExtTexture&&(this.extTexture.value.dispose(),this.extTexture.value.source.data=null);let t=this.extSplats?ii.emptyExtShTextures:ii.emptyShTextures;for(let e=0;e<t.length;e++){let n=this.shTextures[e].value;n!==t[e]&&(n.dispose(),n.source.data=null)}}ensureShTextures(t){this.curSh=Math.max(this.curSh,t);let e=this.extSplats?ii.emptyExtShTextures:ii.emptyShTextures;for(let n=0;n<this.curSh;n++)if(this.shTextures[n].value===e[n]){let s=this.shTextures[n].value===ii.emptyUint32x2?2:4;this.shTextures[n].value=this.newUint32ArrayTexture(s)}}allocatePage(){return this.pageFreelist.shift()}getSplatsChunk(t,e){let n=this.splatsChunkToPage.get(t);if(n)return n[e]}insertSplatsChunkPage(t,e,n,s){this.splatsChunkToPage.has(t)||this.splatsChunkToPage.set(t,[]);let r=this.splatsChunkToPage.get(t);if(!r)throw new Error("impossible");e>=r.length&&(r.length=e+1);let a={page:n,lru:s};return r[e]=a,this.pageLru.add(a),this.pageToSplatsChunk[n]={splats:t,chunk:e,time:performance.now()},this.pageToSplatsChunk[n]}removeSplatsChunkPage(t,e,n){let s=this.splatsChunkToPage.get(t);if(!s)throw new Error("impossible");let r=s[e];if(!r)throw new Error(`pageLru not found for splats: ${t}, chunk: ${e}, page: ${n}`);for(this.pageLru.delete(r),s[e]=void 0;s.length>0&&s[s.length-1]===void 0;)s.pop();for(s.length===0&&this.splatsChunkToPage.delete(t),this.pageToSplatsChunk[n]=void 0;this.pageToSplatsChunk.length>0&&this.pageToSplatsChunk[this.pageToSplatsChunk.length-1]===void 0;)this.pageToSplatsChunk.pop()}removeSplats(t){let e=this.splatsChunkToPage.get(t);if(!e)return;let n=new Set;for(;e.length>0;){let s=e.pop();if(s){let{page:r}=s;this.pageToSplatsChunk[r]=void 0,n.add(r),this.pageFreelist.push(r),this.pageLru.delete(s)}}this.splatsChunkToPage.delete(t),this.freeablePages=this.freeablePages.filter(s=>!n.has(s))}uploadPage(t,e,n,s){let r=t*Kr;ru(this.packedTexture,t,r*4,e),s&&ru(this.extTexture,t,r*4,s);let a=Math.min(n.length,3);this.ensureShTextures(a);for(let o=0;o<n.length;o++){let c=n[o],l=this.shTextures[o].value.format===ti?2:4;ru(this.shTextures[o],t,r*l,c)}}newUint32ArrayTexture(t){let e=new Uint32Array(this.maxPages*ju*th*t),n=new _e(e,ju,th,this.maxPages);return n.format=t===2?ti:te,n.type=Ht,n.internalFormat=t===2?"RG32UI":"RGBA32UI",n.needsUpdate=!0,n.source.dataReady=!1,this.renderer.initTexture(n),n}driveFetchers(){let t=[],e=[],n=0;for(let{splats:a,chunk:o}of this.fetchPriority){let c=this.getSplatsChunk(a,o);if(c){n>=this.maxPages?e.push(c):t.push(c),n+=1;continue}if(this.fetched.some(({splats:l,chunk:u})=>a===l&&o===u)||this.fetchers.some(({splats:l,chunk:u})=>a===l&&o===u)){n+=1;continue}if(n<this.maxPages&&this.fetchers.length<this.numFetchers){n+=1;let l={splats:a,chunk:o};this.fetchers.push(l),a.fetchDecodeChunk(o).then(async h=>{a.abortController.signal.aborted||(this.fetched.push({splats:a,chunk:o,data:h}),this.fetchPause>0&&await new Promise(d=>setTimeout(d,this.fetchPause)))},async h=>{h.name!=="AbortError"&&console.warn(h);let d=250+500*Math.random();await new Promise(m=>setTimeout(m,d))}).finally(()=>{let h=this.fetchers.indexOf(l);this.fetchers[h]=this.fetchers[this.fetchers.length-1],this.fetchers.length--,this.processFetched()}).then(h=>{this.autoDrive&&this.driveFetchers()})}}let s=performance.now();for(let a of e.reverse())a.lru=s,this.pageLru.delete(a),this.pageLru.add(a);let r=new Set(this.pageLru);for(let a of t.reverse())r.delete(a),a.lru=s,this.pageLru.delete(a),this.pageLru.add(a);this.freeablePages=Array.from(r).map(({page:a})=>a)}allocateFreeable(){let t=this.freeablePages.shift();if(t===void 0)return;let e=this.pageToSplatsChunk[t];if(!e)throw new Error(`splatsChunk not found for page: ${t}`);let{splats:n,chunk:s}=e;return this.removeSplatsChunkPage(n,s,t),this.lodTreeUpdates.push({splats:n,page:t,chunk:s,numSplats:Kr}),t}processFetched(){let t=performance.now();for(;;){let e=this.fetched.shift();if(!e)break;let{splats:n,chunk:s,data:r}=e,a=this.allocatePage();if(a===void 0&&(a=this.allocateFreeable(),a===void 0))return;this.insertSplatsChunkPage(n,s,a,t);let{numSplats:o,extra:c}=r;if(this.lodTreeUpdates.push({splats:n,page:a,chunk:s,numSplats:o,lodTree:c.lodTree}),X_(r,this.extSplats)){let l=r.extArrays,u=l[0],h=l[1],d=[r.extra.sh1,r.extra.sh2,r.extra.sh3a,r.extra.sh3b],m=d.findIndex(g=>!g);m>=0&&(d.length=m),this.newUploads.push({page:a,numSplats:o,packedArray:u,extArray:h,shArrays:d})}else{let l=r.packedArray,u=[r.extra.sh1,r.extra.sh2,r.extra.sh3],h=u.findIndex(d=>!d);h>=0&&(u.length=h),this.newUploads.push({page:a,numSplats:o,packedArray:l,shArrays:u})}}}processUploads(){for(;;){let t=this.readyUploads.shift();if(!t)break;let{page:e,numSplats:n,packedArray:s,extArray:r,shArrays:a}=t;this.uploadPage(e,s,a,r)}}consumeLodTreeUpdates(){let t=this.lodTreeUpdates;return this.lodTreeUpdates=[],this.readyUploads.push(...this.newUploads),this.newUploads=[],t}};Ye.emptyUint32x4=(()=>{let{width:i,height:t,depth:e,maxSplats:n}=ue(1),s=new Uint32Array(n*4),r=new _e(s,i,t,e);return r.format=te,r.type=Ht,r.internalFormat="RGBA32UI",r.needsUpdate=!0,r})();Ye.emptyUint32x2=(()=>{let{width:i,height:t,depth:e,maxSplats:n}=ue(1),s=new Uint32Array(n*2),r=new _e(s,i,t,e);return r.format=ti,r.type=Ht,r.internalFormat="RG32UI",r.needsUpdate=!0,r})();Ye.emptyIndicesTexture=(()=>{let i=new Uint32Array(16384),t=new gn(i,4096,1);return t.format=te,t.type=Ht,t.internalFormat="RGBA32UI",t.needsUpdate=!0,t})();Ye.emptyPackedTexture=Ye.emptyUint32x4;Ye.emptyExtTexture=Ye.emptyUint32x4;Ye.emptyShTextures=[Ye.emptyUint32x2,Ye.emptyUint32x4,Ye.emptyUint32x4];Ye.emptyExtShTextures=[Ye.emptyUint32x4,Ye.emptyUint32x4,Ye.emptyUint32x4,Ye.emptyUint32x4];var tr=Ye;function X_(i,t){return t}function ru(i,t,e,n){i.value.image.data.subarray(e,e+n.length).set(n),i.value.addLayerUpdate(t),i.value.needsUpdate=!0,i.value.source.dataReady=!0}async function au({url:i,requestHeader:t,withCredentials:e,offset:n,bytes:s,signal:r}){let a=new Request(i,{headers:t?new Headers(t):void 0,credentials:e?"include":"same-origin",signal:r});n!==void 0&&s!==void 0&&a.headers.set("Range",`bytes=${n}-${n+s-1}`);let o=await fetch(a);if(!o.ok||!o.body)throw new Error(`Failed to fetch "${i}": ${o.status} ${o.statusText}`);return new Uint8Array(await o.arrayBuffer())}var eh=class{constructor(){this.fetchDyno=new Gt({inTypes:{},outTypes:{gsplat:fe},globals:()=>[Mn],statements:({outputs:t})=>re(`
      ${t.gsplat}.flags = 0u;
      return;
    `)}).outputs.gsplat}prepareFetchSplat(){}dispose(){}getNumSplats(){return 0}hasRgbDir(){return!1}getNumSh(){return 0}setMaxSh(t){}fetchSplat({index:t}){return this.fetchDyno}forEachSplat(){}},fh=class ds extends la{constructor(t={}){if(super({update:e=>this.update(e)}),this.isInitialized=!1,this.recolor=new Ot(1,1,1),this.opacity=1,this.generatorDirty=!0,this.enableViewToObject=!1,this.enableViewToWorld=!1,this.enableWorldToView=!1,this.skinning=null,this.edits=null,this.rgbaDisplaceEdits=null,this.splatRgba=null,this.maxSh=3,this.showLodPageDyno=new Xn({value:0}),t.splats)this.splats=t.splats,this.numSplats=t.splats.getNumSplats();else if(t.paged){t.extSplats&&console.warn("To set extSplats with the paged option, set SparkRenderer.pagedExtSplats");let e=t.url??"";if(t.paged instanceof hr)this.paged=t.paged;else{let n={rootUrl:e};if(t.paged instanceof tr)n.pager=t.paged;else if(t.paged===!0)n.fileType=t.fileType;else throw new Error("Invalid paged option");this.paged=new hr(n)}this.splats=this.paged}else t.extSplats?(this.extSplats=t.extSplats instanceof Gi?t.extSplats:new Gi,t.extSplats=this.extSplats,this.numSplats=this.extSplats.numSplats,this.splats=this.extSplats):t.packedSplats?(this.packedSplats=t.packedSplats,this.packedSplats.splatEncoding=t.splatEncoding??{...sh},this.splats=this.packedSplats):this.packedSplats=new ur;if(this.editable=t.editable??!0,this.raycastable=t.raycastable??!0,this.minRaycastOpacity=t.minRaycastOpacity??.2,this.onFrame=t.onFrame,this.context={transform:new Js,viewToWorld:new Js,worldToView:new Js,viewToObject:new Js,covTransform:new js,covViewToWorld:new js,covWorldToView:new js,covViewToObject:new js,recolor:new rr({value:new Qt().setScalar(Number.NEGATIVE_INFINITY)}),time:new sr({value:0}),deltaTime:new sr({value:0}),numSplats:new Xn({value:0}),splats:new eh,enableLod:new aa({value:!1}),lodIndices:new hl({value:If,key:"lodIndices"})},this.covSplats=t.covSplats??!1,this.covSplats&&!this.extSplats)throw new Error("CovSplats requires ExtSplats");if(this.objectModifiers=t.objectModifier?[t.objectModifier]:void 0,this.worldModifiers=t.worldModifier?[t.worldModifier]:void 0,t.objectModifiers&&(this.objectModifiers=t.objectModifiers),t.worldModifiers&&(this.worldModifiers=t.worldModifiers),this.enableLod=t.enableLod,this.lodScale=t.lodScale??1,this.behindFoveate=t.behindFoveate,this.coneFov0=t.coneFov0,this.coneFov=t.coneFov,this.coneFoveate=t.coneFoveate,this.updateGenerator(),t.url||t.fileBytes||t.stream||t.constructSplats||t.packedSplats&&!t.packedSplats.isInitialized||this.extSplats&&!this.extSplats.isInitialized)this.initialized=this.asyncInitialize(t).then(async()=>{if(this.updateGenerator(),this.isInitialized=!0,t.onLoad){let e=t.onLoad(this);e instanceof Promise&&await e}return this});else if(this.isInitialized=!0,this.initialized=Promise.resolve(this),t.onLoad){let e=t.onLoad(this);e instanceof Promise&&(this.initialized=e.then(()=>this))}}async asyncInitialize(t){let{url:e,fileBytes:n,fileType:s,fileName:r,stream:a,streamLength:o,maxSplats:c,constructSplats:l,onProgress:u,splatEncoding:h,lod:d,nonLod:m,lodAbove:g}=t;if(this.packedSplats){if(e||n||a||l){let v={url:e,fileBytes:n,fileType:s,fileName:r,stream:a,streamLength:o,maxSplats:c,construct:l,onProgress:u,splatEncoding:h,lod:d,nonLod:m,lodAbove:g};this.packedSplats.reinitialize(v)}await this.packedSplats.initialized,this.splats=this.packedSplats}else if(this.extSplats&&(e||n||a||l)){let v=l;this.extSplats.reinitialize({url:e,fileBytes:n,fileType:s,fileName:r,stream:a,streamLength:o,maxSplats:c,construct:v,onProgress:u,lod:d,nonLod:m,lodAbove:g}),await this.extSplats.initialized,this.splats=this.extSplats}this.splats&&(this.numSplats=this.splats.getNumSplats(),this.updateGenerator())}pushSplat(t,e,n,s,r){this.packedSplats?this.packedSplats.pushSplat(t,e,n,s,r):this.extSplats&&this.extSplats.pushSplat(t,e,n,s,r)}forEachSplat(t){var e;(e=this.splats)==null||e.forEachSplat(t)}dispose(){var t;(t=super.dispose)==null||t.call(this),this.splats&&this.splats!==this.packedSplats&&this.splats!==this.extSplats&&(this.splats.dispose(),this.splats=void 0),this.packedSplats&&(this.packedSplats.dispose(),this.packedSplats=void 0),this.extSplats&&(this.extSplats.dispose(),this.extSplats=void 0)}getBoundingBox(t=!0){var e;if(!this.initialized)throw new Error("Cannot get bounding box before SplatMesh is initialized");let n=new C(Number.POSITIVE_INFINITY,Number.POSITIVE_INFINITY,Number.POSITIVE_INFINITY),s=new C(Number.NEGATIVE_INFINITY,Number.NEGATIVE_INFINITY,Number.NEGATIVE_INFINITY),r=new C,a=[-1,1];function o(l,u,h,d,m,g){if(t)n.min(u),s.max(u);else for(let v of a)for(let f of a)for(let p of a)r.set(v*h.x,f*h.y,p*h.z),r.applyQuaternion(d),r.add(u),n.min(r),s.max(r)}return(e=this.splats)==null||e.forEachSplat(o),new un(n,s)}set objectModifier(t){t?this.objectModifiers=[t]:this.objectModifiers=void 0}set worldModifier(t){t?this.worldModifiers=[t]:this.worldModifiers=void 0}constructGenerator(t){if(this.covSplats)return this.constructCovGenerator(t);let{transform:e,viewToObject:n,recolor:s}=t,r=Ln({index:"int"},{gsplat:fe},({index:a})=>{if(!a)throw new Error("index is undefined");a=Rf(t.lodIndices,a,t.numSplats,t.enableLod,this.showLodPageDyno),t.splats.setMaxSh(this.maxSh),t.splats.prepareFetchSplat();let o=t.splats.fetchSplat({index:a,viewOrigin:n.translate});if(this.splatRgba&&(o=Cf(o,this.splatRgba.dyno,a,t.enableLod)),this.skinning&&(o=this.skinning.modify(o)),this.objectModifiers)for(let l of this.objectModifiers)o=l.apply({gsplat:o}).gsplat;o=e.applyGsplat(o);let c=cr(s,Nn(o).outputs.rgba);if(o=ir({gsplat:o,rgba:c}),this.rgbaDisplaceEdits&&(o=this.rgbaDisplaceEdits.modify(o)),this.worldModifiers)for(let l of this.worldModifiers)o=l.apply({gsplat:o}).gsplat;return{gsplat:o}});this.generator=r,this.covGenerator=void 0}constructCovGenerator(t){let{covTransform:e,covViewToObject:n,recolor:s}=t,r=Ln({index:"int"},{covsplat:en},({index:a})=>{if(!a)throw new Error("index is undefined");a=Rf(t.lodIndices,a,t.numSplats,t.enableLod,this.showLodPageDyno),t.splats.prepareFetchSplat();let o=t.splats.fetchSplat({index:a,viewOrigin:n.offset});if(this.splatRgba&&(o=Cf(o,this.splatRgba.dyno,a,t.enableLod)),this.objectModifiers)for(let u of this.objectModifiers)o=u.apply({gsplat:o}).gsplat;let c=du(o);if(this.skinning&&(c=this.skinning.modifyCov(c)),this.covObjectModifiers)for(let u of this.covObjectModifiers)c=u.apply({covsplat:c}).covsplat;c=e.applyCovSplat(c);let l=cr(s,_u(c).outputs.rgba);if(c=Hf({covsplat:c,rgba:l}),this.rgbaDisplaceEdits&&(c=this.rgbaDisplaceEdits.modifyCov(c)),this.covWorldModifiers)for(let u of this.covWorldModifiers)c=u.apply({covsplat:c}).covsplat;return{covsplat:c}});this.generator=void 0,this.covGenerator=r}updateGenerator(){this.generatorDirty=!0}update({renderer:t,time:e,deltaTime:n,viewToWorld:s,camera:r,renderSize:a,globalEdits:o,lodIndices:c}){var l,u,h;this.context.time.value=e,this.context.deltaTime.value=n,ds.dynoTime.value=e,this.showLodPageDyno.value=this.showLodPage??-1;let d=this.splats??this.packedSplats??this.extSplats;d&&(this.context.splats=d),this.numSplats=this.context.splats.getNumSplats();let m=!1,g=((l=this.packedSplats)==null?void 0:l.lodSplats)??((u=this.extSplats)==null?void 0:u.lodSplats);if(this.context.enableLod.value=g!=null&&c!=null,this.enableLod===!1&&(this.context.enableLod.value=!1),this.context.lodIndices.value=c?.texture??If,this.context.enableLod.value&&g&&(this.context.splats=g,this.numSplats=c?.numSplats??0),this.context.numSplats.value=this.numSplats,this.context.splats!==this.lastSplats&&(this.lastSplats=this.context.splats,this.generatorDirty=!0),this.covSplats){this.context.covTransform.update(this)&&(m=!0),this.context.covViewToWorld.updateFromMatrix(s)&&this.enableViewToWorld&&(m=!0);let y=s.clone().invert();this.context.covWorldToView.updateFromMatrix(y)&&this.enableWorldToView&&(m=!0);let b=this.matrixWorld.clone().invert().multiply(s);this.context.covViewToObject.updateFromMatrix(b)&&(this.enableViewToObject||this.context.splats.hasRgbDir())&&(m=!0)}else{this.context.transform.update(this)&&(m=!0),this.context.viewToWorld.updateFromMatrix(s)&&this.enableViewToWorld&&(m=!0);let y=s.clone().invert();this.context.worldToView.updateFromMatrix(y)&&this.enableWorldToView&&(m=!0);let w=new ie().compose(this.context.transform.translate.value,this.context.transform.rotate.value,new C().setScalar(this.context.transform.scale.value)).invert().multiply(s);this.context.viewToObject.updateFromMatrix(w)&&(this.enableViewToObject||this.context.splats.hasRgbDir())&&(m=!0)}let v=new Qt(this.recolor.r,this.recolor.g,this.recolor.b,this.opacity);v.equals(this.context.recolor.value)||(this.context.recolor.value.copy(v),m=!0);let f=this.editable?(this.edits??[]).concat(o):[];this.editable&&!this.edits&&this.traverseVisible(y=>{y instanceof np&&f.push(y)}),f.sort((y,M)=>y.ordering-M.ordering);let p=f.map(y=>{if(y.sdfs!=null)return{edit:y,sdfs:y.sdfs};let M=[];return y.traverseVisible(b=>{b instanceof Xu&&M.push(b)}),{edit:y,sdfs:M}});if(p.length>0&&!this.rgbaDisplaceEdits){let y=p.length,M=p.reduce((b,w)=>b+w.sdfs.length,0);this.rgbaDisplaceEdits=new Yu({maxEdits:y,maxSdfs:M}),this.generatorDirty=!0}if(this.rgbaDisplaceEdits){let y=this.rgbaDisplaceEdits.update(p);m||(m=y.updated),y.dynoUpdated&&(this.generatorDirty=!0)}this.generatorDirty&&(this.constructGenerator(this.context),this.generatorDirty=!1,m=!0),m&&this.updateVersion(),(h=this.onFrame)==null||h.call(this,{mesh:this,time:e,deltaTime:n})}raycast(t,e){var n,s,r,a,o,c,l,u,h,d,m,g,v,f,p,y,M,b,w,E,x,T,N;if(!L_()||!this.raycastable||!this.packedSplats&&!this.extSplats&&!this.paged)return;let P=this.paged!=null,D=P?((s=(n=this.paged)==null?void 0:n.pager)==null?void 0:s.extSplats)??!1:this.extSplats!=null,{near:U,far:$,ray:I}=t,G=this.matrixWorld.clone().invert(),q=new It().setFromMatrix4(G),k=I.origin.clone().applyMatrix4(G),tt=I.direction.clone().applyMatrix3(q),H=g_(),Q=H.length/4,j=0,yt=((r=this.raycastIndices)==null?void 0:r.numSplats)??(P?(a=this.paged)==null?void 0:a.numSplats:this.context.numSplats.value)??0,Tt=((o=this.raycastIndices)==null?void 0:o.indices)??(P?(c=this.paged)==null?void 0:c.dynoIndices.value.image.data:this.context.enableLod.value?this.context.lodIndices.value.image.data:null)??null;if(D){let W=x_(),et=P?(p=(f=this.paged)==null?void 0:f.pager)==null?void 0:p.packedTexture.value.image.data:Tt?(M=(y=this.extSplats)==null?void 0:y.lodSplats)==null?void 0:M.extArrays[0]:(b=this.extSplats)==null?void 0:b.extArrays[0],ht=P?(E=(w=this.paged)==null?void 0:w.pager)==null?void 0:E.extTexture.value.image.data:Tt?(T=(x=this.extSplats)==null?void 0:x.lodSplats)==null?void 0:T.extArrays[1]:(N=this.extSplats)==null?void 0:N.extArrays[1];if(!et||!ht)return;for(let vt=0;vt<yt;vt+=Q){let ot=Math.min(Q,yt-vt);if(!Tt)H.set(et.subarray(vt*4,(vt+ot)*4)),W.set(ht.subarray(vt*4,(vt+ot)*4));else for(let le=0;le<ot;++le){let Et=Tt[vt+le],Ft=le*4,$t=Et*4;H[Ft]=et[$t],H[Ft+1]=et[$t+1],H[Ft+2]=et[$t+2],H[Ft+3]=et[$t+3],W[Ft]=ht[$t],W[Ft+1]=ht[$t+1],W[Ft+2]=ht[$t+2],W[Ft+3]=ht[$t+3]}let Ct=y_(k.x,k.y,k.z,tt.x,tt.y,tt.z,this.minRaycastOpacity,U,$,ot);j=this.appendRaycastBuffer(j,Ct)}}else{let W=P?(u=(l=this.paged)==null?void 0:l.pager)==null?void 0:u.packedTexture.value.image.data:Tt?(d=(h=this.packedSplats)==null?void 0:h.lodSplats)==null?void 0:d.packedArray:(m=this.packedSplats)==null?void 0:m.packedArray;if(!W)return;let et=P?(g=this.paged)==null?void 0:g.splatEncoding:(v=this.packedSplats)==null?void 0:v.splatEncoding;for(let ht=0;ht<yt;ht+=Q){let vt=Math.min(Q,yt-ht);if(!Tt)H.set(W.subarray(ht*4,(ht+vt)*4));else for(let Ct=0;Ct<vt;++Ct){let le=Tt[ht+Ct],Et=Ct*4,Ft=le*4;H[Et]=W[Ft],H[Et+1]=W[Ft+1],H[Et+2]=W[Ft+2],H[Et+3]=W[Ft+3]}let ot=v_(k.x,k.y,k.z,tt.x,tt.y,tt.z,this.minRaycastOpacity,U,$,vt,et?.lnScaleMin??Sn,et?.lnScaleMax??bn,et?.lodOpacity??!1);j=this.appendRaycastBuffer(j,ot)}}for(let W of ds.raycastBuffer.subarray(0,j)){let et=I.direction.clone().multiplyScalar(W).add(I.origin);e.push({distance:W,point:et,object:this})}}appendRaycastBuffer(t,e){let n=t+e.length,s=ds.raycastBuffer.length;if(n>s){for(;s<n;)s*=2;let r=new Float32Array(s);r.set(ds.raycastBuffer.subarray(0,t)),ds.raycastBuffer=r}return ds.raycastBuffer.set(e,t),t+e.length}async createLodSplats({rgbaArray:t,quality:e}={}){this.packedSplats?await this.packedSplats.createLodSplats({quality:e,rgbaArray:t}):this.extSplats&&await this.extSplats.createLodSplats({quality:e,rgbaArray:t})}};fh.dynoTime=new sr({value:0});fh.raycastBuffer=new Float32Array(1024);var wi=fh;function Rf(i,t,e,n,s){return Nf({inTypes:{lodIndices:"usampler2D",index:"int",numSplats:"int",enableLod:"bool",showLodPage:"int"},outTypes:{index:"int"},inputs:{lodIndices:i,index:t,numSplats:e,enableLod:n,showLodPage:s},statements:({inputs:r,outputs:a})=>re(`
        int index = ${r.index};
        if (${r.showLodPage} < 0) {
          if (index >= ${r.numSplats}) {
            return;
          }
          if (${r.enableLod}) {
            ivec2 lodIndexCoord = ivec2((index >> 2) & 4095, index >> 14);
            uint splatIndex = texelFetch(${r.lodIndices}, lodIndexCoord, 0)[index & 3];
            ${a.index} = int(splatIndex);
          } else {
            ${a.index} = index;
          }
        } else {
          int start = ${r.showLodPage} << 16;
          if (index >= 65536) {
            return;
          }
          ${a.index} = start + index;
        }
      `)}).outputs.index}function Cf(i,t,e,n){return Nf({inTypes:{gsplat:fe,rgba:up,index:"int",enableLod:"bool"},outTypes:{gsplat:fe},inputs:{gsplat:i,rgba:t,index:e,enableLod:n},statements:({inputs:s,outputs:r})=>re(`
        ${r.gsplat} = ${s.gsplat};
        if (!${s.enableLod} && (${s.index} >= 0) && (${s.index} < ${s.rgba}.count)) {
          ${r.gsplat}.rgba = texelFetch(${s.rgba}.texture, splatTexCoord(${s.index}), 0);
        }
      `)}).outputs.gsplat}var If=(()=>{let i=new gn(new Uint32Array(16384),4096,1,te,Ht);return i.internalFormat="RGBA32UI",i.needsUpdate=!0,i})(),Un=class Fe{constructor({extSplats:t,covSplats:e}={}){if(this.time=0,this.deltaTime=0,this.viewToWorld=new ie,this.viewOrigin=new C,this.viewDirection=new C,this.maxSplats=0,this.numSplats=0,this.target=null,this.mapping=[],this.version=-1,this.mappingVersion=-1,this.readback=null,this.readbackSplats=[],!Lv)throw new Error("Spark requires THREE.js r179 or above");this.extSplats=t??!0,this.covSplats=e??!1}dispose(){this.target&&(this.target.dispose(),this.target=null)}getTextures(){return this.target?this.target.textures:Fe.emptyTextures}generateMapping(t){let e=0,n=t.map(s=>{let r=e,a=Math.ceil(s/Nt)*Nt;return e+=a,{base:r,count:s}});return{maxSplats:e,mapping:n}}ensureGenerate({maxSplats:t}){if(this.target&&(t??1)<=this.maxSplats)return!1;this.dispose();let e=ue(t??1),{width:n,height:s,depth:r}=e;if(this.maxSplats=e.maxSplats,this.target=new ts(n,s,r,{depthBuffer:!1,stencilBuffer:!1,generateMipmaps:!1,magFilter:me,minFilter:me,format:te,type:Ht}),this.target.scissorTest=!0,this.extSplats){let a=this.target.texture.clone(),o=this.target.texture.clone();o.format=Ae,o.type=we,o.internalFormat="RGBA8",this.target.textures=[this.target.texture,a,o]}else{let a=this.target.texture.clone();a.format=Ae,a.type=we,a.internalFormat="RGBA8",this.target.textures=[this.target.texture,a]}return!0}saveRenderState(t){return{target:t.getRenderTarget(),activeCubeFace:t.getActiveCubeFace(),activeMipmapLevel:t.getActiveMipmapLevel(),xrEnabled:t.xr.enabled,autoClear:t.autoClear}}resetRenderState(t,e){t.setRenderTarget(e.target,e.activeCubeFace,e.activeMipmapLevel),t.xr.enabled=e.xrEnabled,t.autoClear=e.autoClear}prepareProgramMaterial(t,e){let n=t??e;if(!n)throw new Error("Either generator or covGenerator must be provided");let s=Fe.generatorProgram.get(n);if(!s){let a=Ln({index:"int"},{},({index:o},c,{roots:l})=>{if(t&&(t.inputs.index=o),e&&(e.inputs.index=o),this.extSplats)if(this.covSplats)if(e){let u=xf(e.outputs.covsplat);l.push(u)}else if(t){let u=du(t.outputs.gsplat),h=xf(u);l.push(h)}else throw new Error("Generator must be provided");else if(t){let u=uv(t.outputs.gsplat);l.push(u)}else throw new Error("Generator must be provided");else{if(this.covSplats){let u;if(e)u=e.outputs.covsplat;else if(t)u=du(t.outputs.gsplat);else throw new Error("Generator must be provided");let h=lr(_u(u).outputs.center,Fe.viewCenterUniform),d=cr(_u(u).outputs.opacity,sl("float",.5));u=Hf({covsplat:u,center:h,opacity:d});let m=cv(u,sl("vec4",[0,1,Sn,bn]));l.push(m)}else if(t){let u=lr(Nn(t.outputs.gsplat).outputs.center,Fe.viewCenterUniform),h=cr(Nn(t.outputs.gsplat).outputs.opacity,sl("float",.5)),d=ir({gsplat:t.outputs.gsplat,center:u,opacity:h}),m=Vf(d,sl("vec4",[0,1,Sn,bn]));l.push(m)}else throw new Error("Generator must be provided");if(!t)throw new Error("Generator must be provided")}if(t){let u=hv(t.outputs.gsplat,Fe.viewCenterUniform,Fe.viewDirUniform,Fe.sortRadialUniform);l.push(u)}if(e){let u=dv(e.outputs.covsplat,Fe.viewCenterUniform,Fe.viewDirUniform,Fe.sortRadialUniform);l.push(u)}});s=new oa({graph:a,inputs:{index:"_index"},outputs:{},template:this.extSplats?Fe.programExtTemplate:Fe.programTemplate}),Fe.generatorProgram.set(n,s)}Object.assign(s.uniforms,{targetLayer:{value:0},targetBase:{value:0},targetCount:{value:0}});let r=s.prepareMaterial();return Fe.fullScreenQuad.material=r,{program:s,material:r}}generate({generator:t,covGenerator:e,base:n,count:s,renderer:r}){if(!this.target)throw new Error("Target must be initialized with ensureGenerate");if(n+s>this.maxSplats)throw new Error("Base + count exceeds maxSplats");let{program:a,material:o}=this.prepareProgramMaterial(t,e);a.update();let c=this.saveRenderState(r),l=Math.ceil((n+s)/Nt)*Nt,u=Nt*Fn;for(o.uniforms.targetBase.value=n,o.uniforms.targetCount.value=s;n<l;){let h=Math.floor(n/u);o.uniforms.targetLayer.value=h;let d=h*u,m=Math.floor((n-d)/Nt),g=Math.min(Fn,Math.ceil((l-d)/Nt));this.target.scissor.set(0,m,Nt,g-m),r.setRenderTarget(this.target,h),r.xr.enabled=!1,r.autoClear=!1,Fe.fullScreenQuad.render(r),n+=Nt*(g-m)}return this.resetRenderState(r,c),{nextBase:l}}prepareGenerate({renderer:t,scene:e,timer:n,camera:s,sortRadial:r,renderSize:a,previous:o,lodInstances:c}){var l;this.viewToWorld.copy(s.matrixWorld),s.getWorldPosition(this.viewOrigin),s.getWorldDirection(this.viewDirection),Fe.viewCenterUniform.value.copy(this.viewOrigin),Fe.viewDirUniform.value.copy(this.viewDirection),Fe.sortRadialUniform.value=r,this.time=n.getElapsed(),this.deltaTime=n.getDelta();let u=[];e.traverse(b=>{b instanceof la&&(!s.layers||s.layers.test(b.layers))&&u.push(b)});let h=new Set;e.traverseVisible(b=>{if(b instanceof np){let w=b.parent;for(;w!=null&&!(w instanceof wi);)w=w.parent;w==null&&h.add(b)}});let d=Array.from(h);for(let b of u)try{(l=b.frameUpdate)==null||l.call(b,{renderer:t,object:b,time:this.time,deltaTime:this.deltaTime,viewToWorld:this.viewToWorld,camera:s,renderSize:a,globalEdits:d,lodIndices:c&&b instanceof wi?c.get(b):void 0})}catch(w){console.error("frameUpdate error",w),b.generator=void 0,b.covGenerator=void 0,b.generatorError=w}let m=[];e.traverseVisible(b=>{b instanceof la&&(!s.layers||s.layers.test(b.layers))&&m.push(b)});let g=m.map(b=>b.numSplats),{maxSplats:v,mapping:f}=this.generateMapping(g),p=o.mapping.reduce((b,w)=>(b.set(w.node,w),b),new Map);this.mapping=[],this.numSplats=0,f.forEach(({base:b,count:w},E)=>{let x=m[E],T=p.get(x);T&&T.count!==x.numSplats&&x.updateMappingVersion();let{generator:N,covGenerator:P}=x;if((N||P)&&w>0){let{version:D,mappingVersion:U}=x;this.mapping.push({node:x,generator:N,covGenerator:P,version:D,mappingVersion:U,base:b,count:w}),this.numSplats=Math.max(this.numSplats,b+w)}});let{splatsUpdated:y,mappingUpdated:M}=o.checkVersions(this.mapping);return this.version=o.version+(y?1:0),this.mappingVersion=o.mappingVersion+(M?1:0),{sameMapping:!M,version:this.version,mappingVersion:this.mappingVersion,visibleGenerators:m,generate:()=>{this.ensureGenerate({maxSplats:v});for(let{node:b,base:w,count:E}of this.mapping){let{generator:x,covGenerator:T}=b;(x||T)&&E>0&&this.generate({generator:x,covGenerator:T,base:w,count:E,renderer:t})}},readback:async()=>{let b=this.getTextures();this.readbackSplats.length===0&&(this.readbackSplats=[new dn({value:b[0],key:"extSplats"}),new dn({value:b[1],key:"extSplats"})]),this.readbackSplats[0].value=b[0],this.readbackSplats[1].value=b[1],this.readback||(this.readback=new lh({renderer:t}));let w=this.readback,E=this.extSplats?8:4,x=w.ensureBuffer(this.numSplats*E,new Uint32Array(0)),T=Ln({index:"int"},{rgba8:"vec4"},({index:N})=>({rgba8:new Gt({inTypes:{index:"int",extSplats1:"usampler2DArray",extSplats2:"usampler2DArray"},outTypes:{rgba8:"vec4"},inputs:{index:N,extSplats1:this.readbackSplats[0],extSplats2:this.readbackSplats[1]},statements:({inputs:D,outputs:U})=>this.extSplats?re(`
                    int indexDiv8 = ${D.index} >> 3;
                    ivec3 coord = splatTexCoord(indexDiv8);
                    uvec4 packedData;
                    if ((${D.index} & 4) == 0) {
                      packedData = texelFetch(${D.extSplats1}, coord, 0);
                    } else {
                      packedData = texelFetch(${D.extSplats2}, coord, 0);
                    }

                    int indexMod4 = ${D.index} & 3;
                    uint data = (indexMod4 == 0) ? packedData.x
                      : (indexMod4 == 1) ? packedData.y
                      : (indexMod4 == 2) ? packedData.z
                      : packedData.w;
                    ${U.rgba8} = uintToVec4(data);
                  `):re(`
                  int indexDiv4 = ${D.index} >> 2;
                  ivec3 coord = splatTexCoord(indexDiv4);
                  uvec4 packedData = texelFetch(${D.extSplats1}, coord, 0);

                  int indexMod4 = ${D.index} & 3;
                  uint data = (indexMod4 == 0) ? packedData.x
                    : (indexMod4 == 1) ? packedData.y
                    : (indexMod4 == 2) ? packedData.z
                    : packedData.w;
                  ${U.rgba8} = uintToVec4(data);
                `)}).outputs.rgba8}));return await w.renderReadback({reader:T,count:this.numSplats*E,renderer:t,readback:x})}}}checkVersions(t){if(this.mapping.length!==t.length)return{splatsUpdated:!0,mappingUpdated:!0};let e=this.mapping.some((s,r)=>{let a=t[r];return s.node!==a.node||s.base!==a.base||s.count!==a.count||s.mappingVersion!==a.mappingVersion});return e?{splatsUpdated:!0,mappingUpdated:!0}:{splatsUpdated:this.mapping.some((s,r)=>s.version!==t[r].version),mappingUpdated:e}}};Un.viewCenterUniform=new $i({value:new C});Un.viewDirUniform=new $i({value:new C});Un.sortRadialUniform=new aa({value:!0});Un.emptyTexture=(()=>{let{width:i,height:t,depth:e,maxSplats:n}=ue(1),s=new Uint32Array(n*4),r=new _e(s,i,t,e);return r.format=te,r.type=Ht,r.internalFormat="RGBA32UI",r.needsUpdate=!0,r})();Un.emptyTextures=[Un.emptyTexture,Un.emptyTexture];Un.programExtTemplate=new ar(fa().computeUvec4x2Vec4Template);Un.programTemplate=new ar(fa().computeUvec4Vec4Template);Un.generatorProgram=new WeakMap;Un.fullScreenQuad=new Gs(new xi({visible:!1}));var Zr=Un,nh=class extends Lr{constructor(){super(),this.setAttribute("position",new mn(Y_,3)),this.setIndex(new mn(K_,1))}},Y_=new Float32Array([-1,-1,0,1,-1,0,1,1,0,-1,1,0]),K_=new Uint16Array([0,1,2,0,2,3]),bl=class ge extends rn{constructor(t){if(!t)throw new Error("SparkRenderer options are required");if(!t.renderer)throw new Error("renderer is required in SparkRenderer options");let e=ge.makeUniforms();Object.assign(e,t.extraUniforms??{});let n=fa(),s=t.premultipliedAlpha??!0,r=new nh,a=new Pn({glslVersion:Bs,vertexShader:t.vertexShader??n.splatVertex,fragmentShader:t.fragmentShader??n.splatFragment,uniforms:e,premultipliedAlpha:s,transparent:t.transparent??!0,depthTest:t.depthTest??!0,depthWrite:t.depthWrite??!1,side:Dn,allowOverride:!1});super(r,a),this.renderSize=new Wt,this.lastFrame=-1,this.updateTimeoutId=-1,this.orderingTexture=null,this.maxSplats=0,this.activeSplats=0,this.accumulators=[],this.sorting=!1,this.sortDirty=!1,this.lastSortTime=0,this.sortWorker=null,this.sortTimeoutId=-1,this.sortedCenter=new C().setScalar(Number.NEGATIVE_INFINITY),this.sortedDir=new C().setScalar(0),this.readback32=new Uint32Array(0),this.lastLodRaycastTime=0,this.lodWorker=null,this.lodMeshes=[],this.lodDirty=!1,this.lodIds=new Map,this.lodIdToSplats=new Map,this.lodInitQueue=[],this.lodInstances=new Map,this.lodUpdates=[],this.lastTraverseTime=0,this.pagerId=0,this.superXY=1,this.flushAfterGenerate=!1,this.flushAfterRead=!1,this.readPause=1,this.sortPause=0,this.sortDelay=0,this.pageSizeWarning=!1,this.material=a,this.uniforms=e,this.frustumCulled=!1,this.renderer=t.renderer,this.onDirty=t.onDirty,this.dirty=!0,this.autoUpdate=t.autoUpdate??!0,this.preUpdate=t.preUpdate??!0,this.maxStdDev=t.maxStdDev??Math.sqrt(8),this.minPixelRadius=t.minPixelRadius??0,this.maxPixelRadius=t.maxPixelRadius??512,this.accumExtSplats=t.accumExtSplats??!1,this.covSplats=t.covSplats??!1,this.minAlpha=t.minAlpha??.5*(1/255),this.enable2DGS=t.enable2DGS??!1,this.preBlurAmount=t.preBlurAmount??0,this.blurAmount=t.blurAmount??.3,this.focalDistance=t.focalDistance??0,this.apertureAngle=t.apertureAngle??0,this.falloff=t.falloff??1,this.clipXY=t.clipXY??1.4,this.focalAdjustment=t.focalAdjustment??1,this.sortRadial=t.sortRadial??!0,this.minSortIntervalMs=t.minSortIntervalMs??0,this.enableLod=t.enableLod??!0,this.enableDriveLod=t.enableDriveLod??this.enableLod,this.enableLodFetching=t.enableLodFetching??!0,this.lodSplatCount=t.lodSplatCount,this.lodSplatScale=t.lodSplatScale??1,this.lodRenderScale=t.lodRenderScale??1,this.lodInflate=t.lodInflate??!1,this.lodTraverseMode=t.lodTraverseMode??"standard",this.pagedExtSplats=t.pagedExtSplats??!1;let o=Ou()?zu()?96:128:256;this.maxPagedSplats=t.maxPagedSplats??o*65536,this.numLodFetchers=t.numLodFetchers??3,this.behindFoveate=t.behindFoveate??.2,this.coneFov0=t.coneFov0??90,this.coneFov=t.coneFov??120,this.coneFoveate=t.coneFoveate??.4,this.lodRaycast=t.lodRaycast===void 0?Ou()?1e4:25e3:t.lodRaycast,this.lodRaycastIntervalMs=t.lodRaycastIntervalMs??500,this.timer=t.timer??new Fr,this.ownsTimer=!!t.timer;let c={extSplats:this.accumExtSplats,covSplats:this.covSplats};this.display=new Zr(c),this.current=this.display,this.accumulators.push(new Zr(c)),this.accumulators.push(new Zr(c));let l=this.renderer.getContext().getExtension("WEBGL_provoking_vertex");if(l&&l.provokingVertexWEBGL(l.FIRST_VERTEX_CONVENTION_WEBGL),t.target){let{width:u,height:h,doubleBuffer:d,superXY:m,...g}=t.target,v=Math.max(1,Math.min(4,m??1));if(u*v>8192||h*v>8192)throw new Error("Target size too large");this.superXY=v;let f=u*v,p=h*v,y={format:Ae,type:we,colorSpace:We,...g};this.target=new Xe(f,p,y),d&&(this.backTarget=new Xe(f,p,y))}}static makeUniforms(){return{renderSize:{value:new Wt},near:{value:.1},far:{value:1e3},renderToViewQuat:{value:new oe},renderToViewPos:{value:new C},renderToViewBasis:{value:new It},renderToViewOffset:{value:new C},maxStdDev:{value:1},minPixelRadius:{value:0},maxPixelRadius:{value:512},minAlpha:{value:.00196078431372549},enable2DGS:{value:!1},lodInflate:{value:!1},preBlurAmount:{value:0},blurAmount:{value:.3},focalDistance:{value:0},apertureAngle:{value:0},falloff:{value:1},clipXY:{value:1.4},focalAdjustment:{value:1},encodeLinear:{value:!1},ordering:{type:"t",value:ge.emptyOrdering},enableExtSplats:{value:!1},enableCovSplats:{value:!1},extSplats:{type:"t",value:Zr.emptyTexture},extSplats2:{type:"t",value:Zr.emptyTexture},time:{value:0},deltaTime:{value:0},debugFlag:{value:!1}}}dispose(){var t;(t=super.dispose)==null||t.call(this),this.target&&(this.target.dispose(),this.target=void 0),this.backTarget&&(this.backTarget.dispose(),this.backTarget=void 0),this.orderingTexture&&(this.orderingTexture.dispose(),this.orderingTexture=null);let e=new Set;e.add(this.display),e.add(this.current);for(let s of this.accumulators)e.add(s);for(let s of e)s.dispose();let n=this.lodInstances.values();this.lodInstances.clear();for(let s of n)s.texture.dispose();this.sortWorker&&(this.sortWorker.dispose(),this.sortWorker=null),this.lodWorker&&(this.lodWorker.dispose(),this.lodWorker=null),this.pager&&(this.pager.dispose(),this.pager=void 0)}setDirty(){var t;this.dirty||(this.dirty=!0,(t=this.onDirty)==null||t.call(this))}onBeforeRender(t,e,n){var s;let r=ge.sparkOverride??this,a=t.info.render.frame,o=a!==r.lastFrame;if(r.lastFrame=a,r.autoUpdate&&o){let p=r.preUpdate&&!t.xr.isPresenting,y=t.xr.isPresenting?t.xr.getCamera():n;p?r.updateInternal({scene:e,camera:y,autoUpdate:!0}):r.updateTimeoutId===-1&&(r.updateTimeoutId=setTimeout(()=>{r.updateTimeoutId=-1,r.updateInternal({scene:e,camera:y,autoUpdate:!0})},1))}let c=t.getRenderTarget(),l=Z_(c);if(c){if(r.renderSize.set(c.width,c.height),l&&r.renderSize.x===1&&r.renderSize.y===1){let p=(s=t.xr.getSession())==null?void 0:s.renderState.baseLayer;p&&(r.renderSize.x=p.framebufferWidth,r.renderSize.y=p.framebufferHeight)}}else t.getDrawingBufferSize(r.renderSize);this.uniforms.renderSize.value.copy(r.renderSize);let u=n;this.uniforms.near.value=u.near,this.uniforms.far.value=u.far;let h=this.geometry;h.instanceCount=r.activeSplats;let d=new ie;this.display.extSplats||d.makeTranslation(r.display.viewOrigin);let v=n.matrixWorld.clone().invert().multiply(d);v.decompose(this.uniforms.renderToViewPos.value,this.uniforms.renderToViewQuat.value,new C),this.uniforms.renderToViewBasis.value.setFromMatrix4(v),this.uniforms.maxStdDev.value=r.maxStdDev,this.uniforms.minPixelRadius.value=r.minPixelRadius,this.uniforms.maxPixelRadius.value=r.maxPixelRadius,this.uniforms.minAlpha.value=r.minAlpha,this.uniforms.enable2DGS.value=r.enable2DGS,this.uniforms.lodInflate.value=r.lodInflate,this.uniforms.preBlurAmount.value=r.preBlurAmount,this.uniforms.blurAmount.value=r.blurAmount,this.uniforms.focalDistance.value=r.focalDistance,this.uniforms.apertureAngle.value=r.apertureAngle,this.uniforms.falloff.value=r.falloff,this.uniforms.clipXY.value=r.clipXY,this.uniforms.focalAdjustment.value=r.focalAdjustment;let f=c===null?t.outputColorSpace:l?c.texture.colorSpace:qt.workingColorSpace;if(this.uniforms.encodeLinear.value=f!==We,this.uniforms.ordering.value=r.orderingTexture??ge.emptyOrdering,this.uniforms.enableExtSplats.value=this.display.extSplats,this.uniforms.enableCovSplats.value=this.display.covSplats,this.display.extSplats){let p=r.display.getTextures();this.uniforms.extSplats.value=p[0],this.uniforms.extSplats2.value=p[1]}else{let p=r.display.getTextures();this.uniforms.extSplats.value=p[0],this.uniforms.extSplats2.value=p[0]}this.uniforms.time.value=r.display.time,this.uniforms.deltaTime.value=r.display.deltaTime,this.uniforms.debugFlag.value=performance.now()/1e3%2<1,r.dirty=!1}clearSplats(){this.activeSplats=0,this.display.numSplats=0,this.setDirty()}async update({scene:t,camera:e}){await this.updateInternal({scene:t,camera:e,autoUpdate:!1})}async updateInternal({scene:t,camera:e,autoUpdate:n}){let s=this.renderer;this.ownsTimer&&this.timer.update();let r=e.getWorldPosition(new C),a=e.getWorldDirection(new C),o=r.distanceTo(this.sortedCenter)>.001||a.dot(this.sortedDir)<.999,c=this.accumulators.pop();if(!c)throw new Error("No next accumulator");if(c===this.current)throw new Error("Next accumulator is the same as the current accumulator");let{version:l,mappingVersion:u,visibleGenerators:h,generate:d}=c.prepareGenerate({renderer:s,scene:t,timer:this.timer,camera:e,sortRadial:this.sortRadial??!0,renderSize:this.renderSize,previous:this.current,lodInstances:this.enableLod?this.lodInstances:void 0}),m=!0,g=o||l!==this.current.version,v=u!==this.display.mappingVersion;n&&!g&&(m=!1),v&&this.sorting&&(m=!1),m?(d(),this.flushAfterGenerate&&s.getContext().flush(),this.display.mappingVersion===c.mappingVersion?(this.accumulators.push(this.display),this.display=c):this.display!==this.current&&this.accumulators.push(this.current),this.current=c,this.sortDirty=!0,this.setDirty()):this.accumulators.push(c),this.enableDriveLod&&this.driveLod({visibleGenerators:h,camera:e,scene:t}),await this.driveSort()}async driveSort(){if(this.sorting||!this.sortDirty)return;this.sortTimeoutId!==-1&&(clearTimeout(this.sortTimeoutId),this.sortTimeoutId=-1);let t=performance.now(),e=this.lastSortTime?this.lastSortTime+this.minSortIntervalMs:t;if(t<e){this.sortTimeoutId=setTimeout(()=>{this.sortTimeoutId=-1,this.driveSort()},e-t);return}this.sorting=!0,this.sortDirty=!1,this.lastSortTime=t,this.readPause>0&&await new Promise(h=>setTimeout(h,this.readPause));let n=this.current;this.sortedCenter.copy(n.viewOrigin),this.sortedDir.copy(n.viewDirection);let{numSplats:s,maxSplats:r}=n,a=Math.max(1,Math.ceil(r/16384)),o=a*16384;this.maxSplats=Math.max(this.maxSplats,o);let c=new Uint32Array(this.maxSplats),l=lh.ensureBuffer(r,this.readback32);this.readback32=l,await this.readbackDepth({current:n,renderer:this.renderer,numSplats:s,readback:l}),this.sortPause>0&&await new Promise(h=>setTimeout(h,this.sortPause)),this.sortWorker||(this.sortWorker=new Zu);let u=await this.sortWorker.call("sortSplats32",{numSplats:s,readback:l,ordering:c});if(this.sortDelay>0&&await new Promise(h=>setTimeout(h,this.sortDelay)),this.readback32=u.readback,this.activeSplats=u.activeSplats,this.orderingTexture&&a>this.orderingTexture.image.height&&(this.orderingTexture.dispose(),this.orderingTexture=null),this.orderingTexture){let h=this.renderer;h.properties.has(this.orderingTexture)?ku(h,this.orderingTexture,4096,a,u.ordering):this.orderingTexture.needsUpdate=!0}else{let h=new gn(u.ordering,4096,a,te,Ht);h.internalFormat="RGBA32UI",h.needsUpdate=!0,this.orderingTexture=h}this.current.mappingVersion===n.mappingVersion&&this.current.mappingVersion!==this.display.mappingVersion&&(this.accumulators.push(this.display),this.display=this.current),this.sorting=!1,this.setDirty(),this.driveSort()}ensureLodWorker(){return this.lodWorker||(this.lodWorker=new Zu),this.lodWorker}defaultSplatTarget(){return Wv()?5e5:qv()?75e4:$v()?1e6:zu()?15e5:25e5}driveLod({visibleGenerators:t,camera:e,scene:n}){var s,r;let a=this.defaultSplatTarget(),c=(this.lodSplatCount??a)*this.lodSplatScale,l=0;if(e instanceof qe)l=2*Math.tan(.5*e.fov*Math.PI/180)/this.renderSize.y;else if(e instanceof Oi){let v=(e.top-e.bottom)/e.zoom,f=(e.right-e.left)/e.zoom,p=v/Math.max(1,this.renderSize.y),y=f/Math.max(1,this.renderSize.x);l=Math.min(y,p)}l*=this.lodRenderScale;let u=new C,h=new oe;if(this.current.viewToWorld.decompose(u,h,new C),this.lodPosOverride&&u.copy(this.lodPosOverride),this.lodQuatOverride&&h.copy(this.lodQuatOverride).normalize(),this.lastLod){(this.lastLod.pixelScaleLimit!==l||this.lastLod.maxSplats!==c)&&(this.lodDirty=!0);let v=u.distanceTo(this.lastLod.pos),f=Math.max(0,1-v/1),p=h.dot(this.lastLod.quat),y=Math.max(0,1-(1-p)/.01);f*y<.999&&(this.lodDirty=!0)}let d=this.enableLod?t.filter(v=>{var f,p;return v instanceof wi&&(((f=v.packedSplats)==null?void 0:f.lodSplats)||((p=v.extSplats)==null?void 0:p.lodSplats)||v.paged)&&v.enableLod!==!1}):[],m=d.some(v=>v.paged);this.lodMeshes.length!==d.length?this.lodDirty=!0:d.some((v,f)=>v!==this.lodMeshes[f].mesh||v.version>this.lodMeshes[f].version)&&(this.lodDirty=!0),this.lodMeshes=d.map(v=>({mesh:v,version:v.version+1})),this.lodInitQueue=[];let g=performance.now();for(let v of d){let f=((s=v.packedSplats)==null?void 0:s.lodSplats)??((r=v.extSplats)==null?void 0:r.lodSplats)??v.paged;if(f){let p=this.lodIds.get(f);p?p.lastTouched=g:this.lodInitQueue.push(f)}}this.ensureLodWorker().tryExclusive(async v=>{if(m&&!this.pager){this.pager=new tr({renderer:this.renderer,extSplats:this.pagedExtSplats,maxSplats:this.maxPagedSplats,numFetchers:this.numLodFetchers});let{lodId:f}=await v.call("newLodTree",{capacity:this.pager.maxSplats});this.pagerId=f}if(this.pager)for(let{mesh:f}of this.lodMeshes)f.paged&&!f.paged.pager&&(f.paged.pager=this.pager);if(this.lodInitQueue.length>0){let f=this.lodInitQueue;for(this.lodInitQueue=[];f.length>0;){let p=f.shift();p&&(await this.initLodTree(v,p),this.lodDirty=!0)}}if(this.pager){let f=this.pager.consumeLodTreeUpdates();for(let{splats:p,page:y,chunk:M,numSplats:b,lodTree:w}of f){let E=this.lodIds.get(p);E&&(w&&M===0&&(E.rootPage=y),this.lodUpdates.push({lodId:E.lodId,pageBase:y*this.pager.pageSplats,chunkBase:M*this.pager.pageSplats,count:b,lodTreeData:w}))}}if(this.lodUpdates.length>0){let f=this.lodUpdates;this.lodUpdates=[],await v.call("updateLodTrees",{ranges:f}),this.lodDirty=!0}if(this.lodDirty){let f=performance.now(),p=new C;if(this.lastLod){let y=Math.max(1,f-this.lastLod.timestamp);p.copy(u).sub(this.lastLod.pos).multiplyScalar(this.lastTraverseTime/y)}this.lastLod={pos:u,quat:h,pixelScaleLimit:l,maxSplats:c,timestamp:f},this.lodDirty=!1,await this.updateLodInstances(v,p,d,c,u,h,l),this.currentLod=this.lastLod,this.setDirty()}await this.cleanupLodTrees(v)})}async initLodTree(t,e){if(e instanceof ur||e instanceof Gi){let{lodId:n}=await t.call("initLodTree",{numSplats:e.numSplats??0,lodTree:e.extra.lodTree.slice()});this.lodIds.set(e,{lodId:n,lastTouched:performance.now()}),this.lodIdToSplats.set(n,e)}else{let{lodId:n}=await t.call("newSharedLodTree",{lodId:this.pagerId});this.lodIds.set(e,{lodId:n,lastTouched:performance.now()}),this.lodIdToSplats.set(n,e)}}async updateLodInstances(t,e,n,s,r,a,o){let c=new Map,l=new ie().compose(r,a,new C().setScalar(1)),u=n.reduce((p,y)=>{var M,b;c.set(y.uuid,y);let w=y.matrixWorld.clone().invert().multiply(l),E=((M=y.packedSplats)==null?void 0:M.lodSplats)??((b=y.extSplats)==null?void 0:b.lodSplats)??y.paged;if(!E)return p;let x=this.lodIds.get(E);return!x||this.pager&&y.paged&&x.rootPage===void 0||(p[y.uuid]={instanceId:y.uuid,lodId:x.lodId,rootPage:x.rootPage,viewToObjectCols:w.elements,lodScale:y.lodScale,behindFoveate:y.behindFoveate??this.behindFoveate,coneFov0:y.coneFov0??this.coneFov0,coneFov:y.coneFov??this.coneFov,coneFoveate:y.coneFoveate??this.coneFoveate}),p},{}),h=performance.now(),d=await t.call("traverseLodTrees",{maxSplats:s,pixelScaleLimit:o,lastPixelLimit:this.lastPixelLimit,instances:u,traverseMode:this.lodTraverseMode});this.lastTraverseTime=performance.now()-h;let{keyIndices:m,chunks:g,pixelLimit:v}=d;this.lastPixelLimit=v;let f=Object.values(m).reduce((p,{numSplats:y})=>p+y,0);if(this.updateLodIndices(c,m),this.pager){this.pager.processUploads();let p=n.map(y=>{if(!y.paged||!this.pager)return null;let M=y.getWorldPosition(new C);return{splats:y.paged,distance:M.distanceTo(r)}}).filter(y=>y!==null);!this.pageSizeWarning&&p.length>this.pager.maxPages&&(this.pageSizeWarning=!0,console.warn(`# paged SplatMeshes exceeds maxPages: ${p.length} > ${this.pager.maxPages}`)),p.sort((y,M)=>y.distance-M.distance),this.pager.fetchPriority=p.map(({splats:y})=>({splats:y,chunk:0}));for(let[y,M]of g){let b=this.lodIdToSplats.get(y);b instanceof hr&&M!==0&&this.pager.fetchPriority.push({splats:b,chunk:M})}this.pager.autoDrive=this.enableLodFetching,this.enableLodFetching&&this.pager.driveFetchers()}if(this.lodRaycast&&performance.now()-this.lastLodRaycastTime>=this.lodRaycastIntervalMs){this.lastLodRaycastTime=performance.now();let p=performance.now(),y=await t.call("traverseLodTrees",{maxSplats:Math.min(this.lodRaycast,Math.round(f*.1)),pixelScaleLimit:o,instances:u,traverseMode:this.lodTraverseMode});performance.now()-p;let{keyIndices:M}=y;Object.values(M).reduce((b,{numSplats:w})=>b+w,0);for(let[b,w]of Object.entries(M)){let E=c.get(b);E.raycastIndices=w}}}async cleanupLodTrees(t){var e;let s=performance.now(),r=null;for(let[a,o]of this.lodIds.entries())(r==null||o.lastTouched<r.lastTouched)&&(r={splats:a,lastTouched:o.lastTouched,lodId:o.lodId});if(!(!r||r.lastTouched>s-3e3)){this.lodIds.delete(r.splats),this.lodIdToSplats.delete(r.lodId);for(let[a,o]of this.lodInstances.entries())o.lodId===r.lodId&&(o.texture.dispose(),this.lodInstances.delete(a));r.splats instanceof hr&&((e=this.pager)==null||e.removeSplats(r.splats)),await t.call("disposeLodTree",{lodId:r.lodId})}}updateLodIndices(t,e){for(let[n,s]of Object.entries(e)){let{lodId:r,numSplats:a,indices:o}=s,c=t.get(n);if(c.paged)c.paged.update(a,o);else{let l=this.lodInstances.get(c);l&&o.length>l.indices.length&&(l.texture.dispose(),l=void 0);let u=Math.ceil(o.length/16384);if(l){l.numSplats=a;let h=this.renderer;h.properties.has(l.texture)&&ku(h,l.texture,4096,u,o)}else{let h=u*16384;if(o.length!==h)throw new Error("Indices length != capacity");let d=new gn(o,4096,u,te,Ht);d.internalFormat="RGBA32UI",d.needsUpdate=!0,l={lodId:r,numSplats:a,indices:o,texture:d},this.lodInstances.set(c,l)}}c.updateMappingVersion()}}async readbackDepth({current:t,renderer:e,numSplats:n,readback:s}){if(!e)throw new Error("No renderer");if(!t.target)throw new Error("No target");let r=Math.ceil(n/Nt)*Nt;if(s.byteLength<r*4)throw new Error(`Readback buffer too small: ${s.byteLength} < ${r*4}`);let a=new Uint8Array(s.buffer),o=this.saveRenderState(e),c=Nt*Fn,l=0,u=[];for(;l<n;){let h=Math.floor(l/c),d=h*c,m=Math.min(Fn,Math.ceil((n-d)/Nt)),g=Nt*m*4,v=a.subarray(d*4,d*4+g);e.setRenderTarget(t.target,h);let f=e.readRenderTargetPixelsAsync(t.target,0,0,Nt,m,v,void 0,t.extSplats?2:1);u.push(f),this.flushAfterRead&&e.getContext().flush(),l+=Nt*m}return this.resetRenderState(e,o),Promise.all(u).then(()=>s)}saveRenderState(t){return{target:t.getRenderTarget(),xrEnabled:t.xr.enabled,autoClear:t.autoClear}}resetRenderState(t,e){t.setRenderTarget(e.target),t.xr.enabled=e.xrEnabled,t.autoClear=e.autoClear}render(t,e){try{ge.sparkOverride=this,this.renderer.render(t,e)}finally{ge.sparkOverride=void 0}}renderTarget({scene:t,camera:e}){let n=this.backTarget??this.target;if(!n)throw new Error("No target");let s=this.renderer.getRenderTarget();try{this.renderer.setRenderTarget(n),ge.sparkOverride=this,this.renderer.render(t,e)}finally{ge.sparkOverride=void 0,this.renderer.setRenderTarget(s)}return n!==this.target&&([this.target,this.backTarget]=[this.backTarget,this.target]),n}async readTarget(){if(!this.target)throw new Error("Must initialize with target");let{width:t,height:e}=this.target,n=t*e*4;(!this.superPixels||this.superPixels.length<n)&&(this.superPixels=new Uint8Array(n));let s=this.superPixels;await this.renderer.readRenderTargetPixelsAsync(this.target,0,0,t,e,s);let{superXY:r}=this;if(r===1)return s;let a=t/r,o=e/r,c=a*o*4;(!this.targetPixels||this.targetPixels.length<c)&&(this.targetPixels=new Uint8Array(c));let l=this.targetPixels,u=r*r;for(let h=0;h<o;h++){let d=h*a;for(let m=0;m<a;m++){let g=m*r,v=0,f=0,p=0,y=0;for(let b=0;b<r;b++){let w=(h*r+b)*t;for(let E=0;E<r;E++){let x=(w+g+E)*4;v+=s[x],f+=s[x+1],p+=s[x+2],y+=s[x+3]}}let M=(d+m)*4;l[M]=v/u,l[M+1]=f/u,l[M+2]=p/u,l[M+3]=y/u}}return l}async renderReadTarget({scene:t,camera:e}){return this.renderTarget({scene:t,camera:e}),this.readTarget()}async renderCubeMap({scene:t,worldCenter:e,size:n=256,near:s=.1,far:r=1e3,hideObjects:a=[],update:o=!0,filter:c=!1}){if(!ge.cubeRender||ge.cubeRender.target.width!==n||ge.cubeRender.near!==s||ge.cubeRender.far!==r){ge.cubeRender&&ge.cubeRender.target.dispose();let d=new cs(n,{format:Ae,type:we,generateMipmaps:c,minFilter:c?vc:ke,magFilter:ke,colorSpace:c?ji:We}),m=new zi(s,r,d);ge.cubeRender={target:d,cubeCamera:m,near:s,far:r}}let{target:l,cubeCamera:u}=ge.cubeRender;u.position.copy(e);let h=new Map;for(let d of a)h.set(d,d.visible),d.visible=!1;if(o){let d=new is;d.position.copy(e),await this.update({scene:t,camera:d})}try{ge.sparkOverride=this,u.update(this.renderer,t)}finally{ge.sparkOverride=void 0}for(let[d,m]of h.entries())d.visible=m;return l.texture}async readCubeTargets(){if(!ge.cubeRender)throw new Error("No cube render");let t=ge.cubeRender.target.texture,e=[],n=[];for(let s=0;s<t.images.length;++s){let{width:r,height:a}=t.images[s],o=r*a*4,c=new Uint8Array(o);n.push(c);let l=this.renderer.readRenderTargetPixelsAsync(ge.cubeRender.target,0,0,r,a,c,s);e.push(l)}return await Promise.all(e),n}async renderEnvMap({scene:t,worldCenter:e,size:n=256,near:s=.1,far:r=1e3,hideObjects:a=[],update:o=!0}){var c;let l=await this.renderCubeMap({scene:t,worldCenter:e,size:n,near:s,far:r,hideObjects:a,update:o,filter:!0});return ge.pmrem||(ge.pmrem=new Hs(this.renderer)),(c=ge.pmrem)==null?void 0:c.fromCubemap(l).texture}recurseSetEnvMap(t,e){t.traverse(n=>{if(n instanceof rn)if(Array.isArray(n.material))for(let s of n.material)s instanceof Ns&&(s.envMap=e);else n.material instanceof Ns&&(n.material.envMap=e)})}async getLodTreeLevel(t,e,n=!1){var s,r;let a=this.lodInstances.get(t);if(!a)return null;let o=await this.ensureLodWorker().exclusive(async c=>await c.call("getLodTreeLevel",{lodId:a.lodId,level:e}));if((s=t.packedSplats)!=null&&s.lodSplats){let c=t.packedSplats.lodSplats.extractSplats(o.indices,n);return new wi({packedSplats:c})}if((r=t.extSplats)!=null&&r.lodSplats){let c=t.extSplats.lodSplats.extractSplats(o.indices,n);return new wi({extSplats:c})}throw new Error("Only LoD-enabled PackedSplats and ExtSplats are supported")}get premultipliedAlpha(){return this.material.premultipliedAlpha}set premultipliedAlpha(t){this.material.premultipliedAlpha!==t&&(this.material.premultipliedAlpha=t,this.material.needsUpdate=!0)}};bl.emptyOrdering=(()=>{let t=new Uint32Array(16384),e=new gn(t,4096,1);return e.format=te,e.type=Ht,e.internalFormat="RGBA32UI",e.needsUpdate=!0,e})();bl.cubeRender=null;bl.pmrem=null;var hp=bl;function Z_(i){return i?.isXRRenderTarget}var pa=class Jt{constructor(t){this.mesh=t.mesh,this.numSplats=t.numSplats??this.mesh.numSplats,this.mode=t.mode??"dual_quaternion";let{width:e,height:n,depth:s,maxSplats:r}=ue(this.numSplats);this.skinData=new Uint16Array(r*4),this.skinTexture=new _e(this.skinData,e,n,s),this.skinTexture.format=te,this.skinTexture.type=ki,this.skinTexture.internalFormat="RGBA16UI",this.skinTexture.needsUpdate=!0,this.numBones=t.numBones??256,this.boneData=new Float32Array(this.numBones*16),this.boneTexture=new gn(this.boneData,4,this.numBones,Ae,yn),this.boneTexture.internalFormat="RGBA32F",this.boneTexture.needsUpdate=!0,this.boneRestQuatPosScale=yf(this.numBones,()=>({quat:new oe,pos:new C,scale:new C})),this.mode==="linear_blend"?this.boneRestInvMats=yf(this.numBones,()=>new ie):this.boneRestInvMats=[],this.uniform=new Ve({key:"skinning",type:Ml,globals:()=>[wl],value:{numSplats:this.numSplats,numBones:this.numBones,skinTexture:this.skinTexture,boneTexture:this.boneTexture}})}modify(t){if(this.mode==="linear_blend")throw new Error("Linear blend skinning requires covSplats=true");return J_(t,this.uniform)}modifyCov(t){return this.mode==="dual_quaternion"?eS(t,this.uniform):nS(t,this.uniform)}setRestQuatPos(t,e,n){this.boneRestQuatPosScale[t].quat.copy(e),this.boneRestQuatPosScale[t].pos.copy(n),this.boneRestQuatPosScale[t].scale.copy(Jt.UNIT_SCALE),this.mode==="linear_blend"&&this.boneRestInvMats[t].compose(n,e,Jt.UNIT_SCALE).invert(),this.setBoneQuatPos(t,e,n)}getRestQuatPos(t,e,n){e.copy(this.boneRestQuatPosScale[t].quat),n.copy(this.boneRestQuatPosScale[t].pos)}setRestQuatPosScale(t,e,n,s){this.boneRestQuatPosScale[t].quat.copy(e),this.boneRestQuatPosScale[t].pos.copy(n),this.boneRestQuatPosScale[t].scale.copy(s),this.mode==="linear_blend"&&this.boneRestInvMats[t].compose(n,e,s).invert(),this.setBoneQuatPosScale(t,e,n,s)}getRestQuatPosScale(t,e,n,s){e.copy(this.boneRestQuatPosScale[t].quat),n.copy(this.boneRestQuatPosScale[t].pos),s.copy(this.boneRestQuatPosScale[t].scale)}setRestMatrix(t,e){if(this.mode!=="linear_blend")throw new Error("setRestMat only supported for linear blend skinning");this.boneRestInvMats[t].copy(e).invert(),this.setBoneMatrix(t,e)}getRestMatrix(t,e){if(this.mode!=="linear_blend")throw new Error("getRestMat only supported for linear blend skinning");e.copy(this.boneRestInvMats[t]).invert()}setBoneQuatPos(t,e,n){if(this.mode==="dual_quaternion"){Jt.relQuat.copy(this.boneRestQuatPosScale[t].quat).invert(),Jt.relPos.copy(n).sub(this.boneRestQuatPosScale[t].pos),Jt.relQuat.multiply(e),Jt.dual.set(Jt.relPos.x,Jt.relPos.y,Jt.relPos.z,0).multiply(Jt.relQuat);let s=t*16;this.boneData[s+0]=Jt.relQuat.x,this.boneData[s+1]=Jt.relQuat.y,this.boneData[s+2]=Jt.relQuat.z,this.boneData[s+3]=Jt.relQuat.w,this.boneData[s+4]=.5*Jt.dual.x,this.boneData[s+5]=.5*Jt.dual.y,this.boneData[s+6]=.5*Jt.dual.z,this.boneData[s+7]=.5*Jt.dual.w}else this.setBoneQuatPosScale(t,e,n,Jt.UNIT_SCALE)}setBoneQuatPosScale(t,e,n,s){if(this.mode==="dual_quaternion")throw new Error("setBoneQuatPosScale only supported for linear blend skinning");Jt.skinMat.compose(n,e,s),this.setBoneMatrix(t,Jt.skinMat)}setBoneMatrix(t,e){if(this.mode!=="linear_blend")throw new Error("setBoneMatrix only supported for linear blend skinning");Jt.skinMat.multiplyMatrices(this.boneRestInvMats[t],e);let n=t*16;this.boneData[n+0]=Jt.skinMat.elements[0],this.boneData[n+1]=Jt.skinMat.elements[1],this.boneData[n+2]=Jt.skinMat.elements[2],this.boneData[n+3]=Jt.skinMat.elements[4],this.boneData[n+4]=Jt.skinMat.elements[5],this.boneData[n+5]=Jt.skinMat.elements[6],this.boneData[n+6]=Jt.skinMat.elements[8],this.boneData[n+7]=Jt.skinMat.elements[9],this.boneData[n+8]=Jt.skinMat.elements[10],this.boneData[n+9]=Jt.skinMat.elements[12],this.boneData[n+10]=Jt.skinMat.elements[13],this.boneData[n+11]=Jt.skinMat.elements[14]}setSplatBones(t,e,n){let s=t*4;this.skinData[s+0]=Math.min(255,Math.max(0,Math.round(n.x*255)))+(e.x<<8),this.skinData[s+1]=Math.min(255,Math.max(0,Math.round(n.y*255)))+(e.y<<8),this.skinData[s+2]=Math.min(255,Math.max(0,Math.round(n.z*255)))+(e.z<<8),this.skinData[s+3]=Math.min(255,Math.max(0,Math.round(n.w*255)))+(e.w<<8)}updateBones(){this.boneTexture.needsUpdate=!0,this.mesh.needsUpdate=!0}};pa.UNIT_SCALE=new C(1,1,1);pa.relQuat=new oe;pa.relPos=new C;pa.dual=new oe;pa.skinMat=new ie;var Ml={type:"GsplatSkinning"},wl=Me(`
  struct GsplatSkinning {
    int numSplats;
    int numBones;
    usampler2DArray skinTexture;
    sampler2D boneTexture;
  };
`),Q_=Me(`
  void applyGsplatSkinning(
    int numSplats, int numBones,
    usampler2DArray skinTexture, sampler2D boneTexture,
    int splatIndex, inout vec3 center, inout vec4 quaternion
  ) {
    if ((splatIndex < 0) || (splatIndex >= numSplats)) {
      return;
    }

    uvec4 skinData = texelFetch(skinTexture, splatTexCoord(splatIndex), 0);

    float weights[4];
    weights[0] = float(skinData.x & 0xffu) / 255.0;
    weights[1] = float(skinData.y & 0xffu) / 255.0;
    weights[2] = float(skinData.z & 0xffu) / 255.0;
    weights[3] = float(skinData.w & 0xffu) / 255.0;

    uint boneIndices[4];
    boneIndices[0] = (skinData.x >> 8u) & 0xffu;
    boneIndices[1] = (skinData.y >> 8u) & 0xffu;
    boneIndices[2] = (skinData.z >> 8u) & 0xffu;
    boneIndices[3] = (skinData.w >> 8u) & 0xffu;

    vec4 quat = vec4(0.0);
    vec4 dual = vec4(0.0);
    for (int i = 0; i < 4; i++) {
      if (weights[i] > 0.0) {
        int boneIndex = int(boneIndices[i]);
        vec4 boneQuat = vec4(0.0, 0.0, 0.0, 1.0);
        vec4 boneDual = vec4(0.0);
        if (boneIndex < numBones) {
          boneQuat = texelFetch(boneTexture, ivec2(0, boneIndex), 0);
          boneDual = texelFetch(boneTexture, ivec2(1, boneIndex), 0);
        }

        if ((i > 0) && (dot(quat, boneQuat) < 0.0)) {
          // Flip sign if next blend is pointing in the opposite direction
          boneQuat = -boneQuat;
          boneDual = -boneDual;
        }
        quat += weights[i] * boneQuat;
        dual += weights[i] * boneDual;
      }
    }

    // Normalize dual quaternion
    float norm = length(quat);
    quat /= norm;
    dual /= norm;
    vec3 translate = vec3(
      2.0 * (-dual.w * quat.x + dual.x * quat.w - dual.y * quat.z + dual.z * quat.y),
      2.0 * (-dual.w * quat.y + dual.x * quat.z + dual.y * quat.w - dual.z * quat.x),
      2.0 * (-dual.w * quat.z - dual.x * quat.y + dual.y * quat.x + dual.z * quat.w)
    );

    center = quatVec(quat, center) + translate;
    quaternion = quatQuat(quat, quaternion);
  }
`);function J_(i,t){return new Gt({inTypes:{gsplat:fe,skinning:Ml},outTypes:{gsplat:fe},globals:()=>[wl,Q_],inputs:{gsplat:i,skinning:t},statements:({inputs:n,outputs:s})=>{let{skinning:r}=n,{gsplat:a}=s;return re(`
        ${a} = ${n.gsplat};
        if (isGsplatActive(${a}.flags)) {
          applyGsplatSkinning(
            ${r}.numSplats, ${r}.numBones,
            ${r}.skinTexture, ${r}.boneTexture,
            ${a}.index, ${a}.center, ${a}.quaternion
          );
        }
      `)}}).outputs.gsplat}var j_=Me(`
  void applyCovSplatDQSkinning(
    int numSplats, int numBones,
    usampler2DArray skinTexture, sampler2D boneTexture,
    int splatIndex, inout vec3 center, inout vec3 xxyyzz, inout vec3 xyxzyz
  ) {
    if ((splatIndex < 0) || (splatIndex >= numSplats)) {
      return;
    }

    uvec4 skinData = texelFetch(skinTexture, splatTexCoord(splatIndex), 0);

    float weights[4];
    weights[0] = float(skinData.x & 0xffu) / 255.0;
    weights[1] = float(skinData.y & 0xffu) / 255.0;
    weights[2] = float(skinData.z & 0xffu) / 255.0;
    weights[3] = float(skinData.w & 0xffu) / 255.0;

    uint boneIndices[4];
    boneIndices[0] = (skinData.x >> 8u) & 0xffu;
    boneIndices[1] = (skinData.y >> 8u) & 0xffu;
    boneIndices[2] = (skinData.z >> 8u) & 0xffu;
    boneIndices[3] = (skinData.w >> 8u) & 0xffu;

    vec4 quat = vec4(0.0);
    vec4 dual = vec4(0.0);
    for (int i = 0; i < 4; i++) {
      if (weights[i] > 0.0) {
        int boneIndex = int(boneIndices[i]);
        vec4 boneQuat = vec4(0.0, 0.0, 0.0, 1.0);
        vec4 boneDual = vec4(0.0);
        if (boneIndex < numBones) {
          boneQuat = texelFetch(boneTexture, ivec2(0, boneIndex), 0);
          boneDual = texelFetch(boneTexture, ivec2(1, boneIndex), 0);
        }

        if ((i > 0) && (dot(quat, boneQuat) < 0.0)) {
          // Flip sign if next blend is pointing in the opposite direction
          boneQuat = -boneQuat;
          boneDual = -boneDual;
        }
        quat += weights[i] * boneQuat;
        dual += weights[i] * boneDual;
      }
    }

    // Normalize dual quaternion
    float norm = length(quat);
    quat /= norm;
    dual /= norm;
    vec3 translate = vec3(
      2.0 * (-dual.w * quat.x + dual.x * quat.w - dual.y * quat.z + dual.z * quat.y),
      2.0 * (-dual.w * quat.y + dual.x * quat.z + dual.y * quat.w - dual.z * quat.x),
      2.0 * (-dual.w * quat.z - dual.x * quat.y + dual.y * quat.x + dual.z * quat.w)
    );
    mat3 basis = quaternionToMatrix(quat);

    center = quatVec(quat, center) + translate;

    mat3 cov = mat3(xxyyzz.x, xyxzyz.x, xyxzyz.y, xyxzyz.x, xxyyzz.y, xyxzyz.z, xyxzyz.y, xyxzyz.z, xxyyzz.z);
    cov = basis * cov * transpose(basis);
    xxyyzz = vec3(cov[0][0], cov[1][1], cov[2][2]);
    xyxzyz = vec3(cov[0][1], cov[0][2], cov[1][2]);
  }
`),tS=Me(`
  void applyCovSplatLBSkinning(
    int numSplats, int numBones,
    usampler2DArray skinTexture, sampler2D boneTexture,
    int splatIndex, inout vec3 center, inout vec3 xxyyzz, inout vec3 xyxzyz
  ) {
    if ((splatIndex < 0) || (splatIndex >= numSplats)) {
      return;
    }

    uvec4 skinData = texelFetch(skinTexture, splatTexCoord(splatIndex), 0);

    float weights[4];
    weights[0] = float(skinData.x & 0xffu) / 255.0;
    weights[1] = float(skinData.y & 0xffu) / 255.0;
    weights[2] = float(skinData.z & 0xffu) / 255.0;
    weights[3] = float(skinData.w & 0xffu) / 255.0;

    uint boneIndices[4];
    boneIndices[0] = (skinData.x >> 8u) & 0xffu;
    boneIndices[1] = (skinData.y >> 8u) & 0xffu;
    boneIndices[2] = (skinData.z >> 8u) & 0xffu;
    boneIndices[3] = (skinData.w >> 8u) & 0xffu;

    mat3 basis = mat3(0.0);
    vec3 offset = vec3(0.0);

    for (int i = 0; i < 4; i++) {
      if (weights[i] > 0.0) {
        int boneIndex = int(boneIndices[i]);
        if (boneIndex < numBones) {
          vec4 v0 = texelFetch(boneTexture, ivec2(0, boneIndex), 0);
          vec4 v1 = texelFetch(boneTexture, ivec2(1, boneIndex), 0);
          vec4 v2 = texelFetch(boneTexture, ivec2(2, boneIndex), 0);
          basis += weights[i] * mat3(v0.x, v0.y, v0.z, v0.w, v1.x, v1.y, v1.z, v1.w, v2.x);
          offset += weights[i] * vec3(v2.y, v2.z, v2.w);
        }
      }
    }

    center = basis * center + offset;

    mat3 cov = mat3(xxyyzz.x, xyxzyz.x, xyxzyz.y, xyxzyz.x, xxyyzz.y, xyxzyz.z, xyxzyz.y, xyxzyz.z, xxyyzz.z);
    cov = basis * cov * transpose(basis);
    xxyyzz = vec3(cov[0][0], cov[1][1], cov[2][2]);
    xyxzyz = vec3(cov[0][1], cov[0][2], cov[1][2]);
  }
`);function eS(i,t){return new Gt({inTypes:{covsplat:en,skinning:Ml},outTypes:{covsplat:en},globals:()=>[wl,j_],inputs:{covsplat:i,skinning:t},statements:({inputs:n,outputs:s})=>{let{skinning:r}=n,{covsplat:a}=s;return re(`
        ${a} = ${n.covsplat};
        if (isCovSplatActive(${a}.flags)) {
          applyCovSplatDQSkinning(
            ${r}.numSplats, ${r}.numBones,
            ${r}.skinTexture, ${r}.boneTexture,
            ${a}.index, ${a}.center, ${a}.xxyyzz, ${a}.xyxzyz
          );
        }
      `)}}).outputs.covsplat}function nS(i,t){return new Gt({inTypes:{covsplat:en,skinning:Ml},outTypes:{covsplat:en},globals:()=>[wl,tS],inputs:{covsplat:i,skinning:t},statements:({inputs:n,outputs:s})=>{let{skinning:r}=n,{covsplat:a}=s;return re(`
        ${a} = ${n.covsplat};
        if (isCovSplatActive(${a}.flags)) {
          applyCovSplatLBSkinning(
            ${r}.numSplats, ${r}.numBones,
            ${r}.skinTexture, ${r}.boneTexture,
            ${a}.index, ${a}.center, ${a}.xxyyzz, ${a}.xyxzyz
          );
        }
      `)}}).outputs.covsplat}var xT={box:new un(new C(-1,-1,-1),new C(1,1,1)),density:100,fallDirection:new C(-1,-3,1).normalize(),fallVelocity:.02,wanderScale:.04,wanderVariance:2,color1:new Ot(1,1,1),color2:new Ot(.5,.5,1),minScale:.001,maxScale:.005,anisoScale:new C(1,1,1)},yT={box:new un(new C(-2,-1,-2),new C(2,5,2)),density:10,fallDirection:new C(0,-1,0),fallVelocity:2,wanderScale:.1,wanderVariance:1,color1:new Ot(1,1,1),color2:new Ot(.25,.25,.5),minScale:.005,maxScale:.01,anisoScale:new C(.1,1,.1)};var iS=1,Pf=4,sS=2,rS=5,aS=1/5;var oS=(i,t)=>{var e,n,s,r;return i.leftIsHand?new C:new C(((e=i.left)==null?void 0:e.axes[2])??0,(((n=i.left)==null?void 0:n.buttons[0].value)??0)-(((s=i.left)==null?void 0:s.buttons[1].value)??0),((r=i.left)==null?void 0:r.axes[3])??0)},lS=(i,t)=>{var e;return i.rightIsHand?new C:new C(((e=i.right)==null?void 0:e.axes[2])??0,0,0)},cS=(i,t)=>{var e,n;return i.rightIsHand?!1:((n=(e=i.right)==null?void 0:e.buttons[0])==null?void 0:n.pressed)??!1},uS=(i,t)=>{var e,n;return i.rightIsHand?!1:((n=(e=i.right)==null?void 0:e.buttons[1])==null?void 0:n.pressed)??!1},Tl=(i=>(i.w="wrist",i.t0="thumb-metacarpal",i.t1="thumb-phalanx-proximal",i.t2="thumb-phalanx-distal",i.t3="thumb-tip",i.i0="index-finger-metacarpal",i.i1="index-finger-phalanx-proximal",i.i2="index-finger-phalanx-intermediate",i.i3="index-finger-phalanx-distal",i.i4="index-finger-tip",i.m0="middle-finger-metacarpal",i.m1="middle-finger-phalanx-proximal",i.m2="middle-finger-phalanx-intermediate",i.m3="middle-finger-phalanx-distal",i.m4="middle-finger-tip",i.r0="ring-finger-metacarpal",i.r1="ring-finger-phalanx-proximal",i.r2="ring-finger-phalanx-intermediate",i.r3="ring-finger-phalanx-distal",i.r4="ring-finger-tip",i.p0="pinky-finger-metacarpal",i.p1="pinky-finger-phalanx-proximal",i.p2="pinky-finger-phalanx-intermediate",i.p3="pinky-finger-phalanx-distal",i.p4="pinky-finger-tip",i))(Tl||{}),fs=Object.keys(Tl),hS=fs.length,dS={w:0,t0:1,t1:2,t2:3,t3:4,i0:5,i1:6,i2:7,i3:8,i4:9,m0:10,m1:11,m2:12,m3:13,m4:14,r0:15,r1:16,r2:17,r3:18,r4:19,p0:20,p1:21,p2:22,p3:23,p4:24},dp={w:.02,t0:.015,t1:.012,t2:.0105,t3:.0085,i0:.022,i1:.012,i2:.0085,i3:.0075,i4:.0065,m0:.021,m1:.012,m2:.008,m3:.0075,m4:.0065,r0:.019,r1:.011,r2:.0075,r3:.007,r4:.006,p0:.012,p1:.01,p2:.007,p3:.0065,p4:.0055},fS=[["w","t0","t1","t2","t3"],["w","i0","i1","i2","i3","i4"],["w","m0","m1","m2","m3","m4"],["w","r0","r1","r2","r3","r4"],["w","p0","p1","p2","p3","p4"]],pS=[[8,10,8,6],[8,19,14,8,6],[8,19,14,8,6],[8,19,14,8,6],[8,19,14,8,6]],mS=["t3","i4","m4","r4","p4"],gS=["i4","m4","r4","p4"],ph=(i=>(i.left="left",i.right="right",i))(ph||{}),xS=Object.keys(ph),yS=/Quest|OculusBrowser|VisionOS|XRBrowser|Pico|Lynx|MagicLeap/i;function vS(){let i=navigator.userAgent??"";if(yS.test(i))return!1;if(/Android/i.test(i)||/Mobile/i.test(i))return!0;let e=navigator.userAgentData;return e&&typeof e.mobile=="boolean"?e.mobile:!1}var Yn=class fp{constructor(t){this.lastControllersUpdate=0,this.hands=[],this.renderer=t.renderer,this.xr=navigator.xr,this.mode="initializing",this.onEnterXr=t.onEnterXr,this.onExitXr=t.onExitXr,this.enableHands=t.enableHands??!1,this.controllers=t.controllers,Promise.resolve().then(()=>{var e;if(!this.xr){this.mode="not_supported";return}if(!t.allowMobileXr&&vS()){this.mode="not_supported";return}this.enableHands&&(this.hands=[new xl("left"),new xl("right")]);let n,s;if(t.element?n=t.element:t.elementId?n=document.getElementById(t.elementId)??void 0:(n=fp.createButton(),s=t.button==null||typeof t.button=="boolean"?{}:t.button),!n)throw new Error("No element or button provided");n.style.display="none",n.classList.add("hidden"),this.button=s,this.element=n;let r=(e=t.onMouseLeaveOpacity)==null?void 0:e.toString();return r!==void 0&&(n.addEventListener("mouseleave",()=>{n.style.opacity=r}),n.addEventListener("mouseenter",()=>{n.style.opacity=""})),this.initializeXr(t)}).then(()=>{var e;return(e=t.onReady)==null?void 0:e.call(t,this.mode!=="not_supported")}).catch(e=>{alert(`Error initializing SparkXr: ${e}`)})}async initializeXr(t){var e,n;if(!this.xr||!this.element)return;let s=this.element,r={vr:["immersive-vr"],ar:["immersive-ar"],arvr:["immersive-ar","immersive-vr"],vrar:["immersive-vr","immersive-ar"]}[t.mode??"vrar"];if(!r)throw new Error(`Invalid mode: ${t.mode}`);let a=null;for(let h of r)if(await this.xr.isSessionSupported(h)){a=h;break}if(!a){this.mode="not_supported";return}this.mode=a;let o=t.referenceSpaceType??"local";this.renderer.xr.enabled=!0,this.renderer.xr.setReferenceSpaceType(o),t.fixedFoveation!==void 0&&this.renderer.xr.setFoveation(t.fixedFoveation);let c=t.frameBufferScaleFactor??.5;this.renderer.xr.setFramebufferScaleFactor(c);let l=((e=t.sessionInit)==null?void 0:e.optionalFeatures)??[];t.enableHands&&l.push("hand-tracking");let u=((n=t.sessionInit)==null?void 0:n.requiredFeatures)??[];u.push(o),this.sessionInit={...t.sessionInit,optionalFeatures:l,requiredFeatures:u},s.addEventListener("click",()=>{this.toggleXr()}),this.updateElement()}async toggleXr(){var t,e,n;if(!(!this.xr||!this.sessionInit))if(this.session)this.session.end();else try{let s=this.mode,r=await this.xr.requestSession(s,this.sessionInit);this.session=r;let a=()=>{var l;r?.removeEventListener("end",a),r?.removeEventListener("visibilitychange",c),this.session=void 0,this.updateElement(),(l=this.onExitXr)==null||l.call(this)},o=r.visibilityState,c=()=>{r?.visibilityState==="visible-blurred"&&o==="visible"&&r?.end(),o=r?.visibilityState};return(t=this.session)==null||t.addEventListener("end",a),(e=this.session)==null||e.addEventListener("visibilitychange",c),await this.renderer.xr.setSession(this.session),(n=this.onEnterXr)==null?void 0:n.call(this)}catch(s){console.error("Error requesting XR session",s);return}}updateElement(){let t=this.mode,e=this.element;if(e){e.style.display="",e.classList.remove("hidden");let n=typeof this.button=="boolean"?{}:this.button;if(n){if(this.session){let s=(t==="immersive-vr"?n.exitVrHtml:n.exitArHtml)??n.exitXrHtml,r=(t==="immersive-vr"?n.exitVrText:n.exitArText)??n.exitXrText;s?e.innerHTML=s:r?e.textContent=r:e.textContent=t==="immersive-vr"?"EXIT VR":"EXIT AR"}else{let s=(t==="immersive-vr"?n.enterVrHtml:n.enterArHtml)??n.enterXrHtml,r=(t==="immersive-vr"?n.enterVrText:n.enterArText)??n.enterXrText;s?e.innerHTML=s:r?e.textContent=r:e.textContent=t==="immersive-vr"?"ENTER VR":"ENTER AR"}e.style.display=""}}}static createButton(){let t=document.createElement("button");return Object.assign(t.style,{position:"absolute",bottom:"20px",left:"50%",transform:"translateX(-50%)",padding:"40px 40px",border:"2px solid #fff",borderRadius:"16px",background:"rgba(0,0,0,0.1)",color:"#fff",font:"bold 28px sans-serif",textAlign:"center",userSelect:"none",zIndex:"999"}),document.body.appendChild(t),t}xrSupported(){return!!this.xr}left(){return this.hands[0]}right(){return this.hands[1]}updateControllers(t){var e,n,s,r,a,o,c,l,u,h,d,m;let g=t.parent,v=performance.now(),f=(v-(this.lastControllersUpdate||v))/1e3;this.lastControllersUpdate=v;let p={};for(let w of((e=this.renderer.xr.getSession())==null?void 0:e.inputSources)??[]){let E=w.gamepad;E&&(w.handedness==="left"||w.handedness==="right")&&(p[w.handedness]=E,w.handedness==="left"?p.leftIsHand=!!w.hand:w.handedness==="right"&&(p.rightIsHand=!!w.hand))}let y=(((n=this.controllers)==null?void 0:n.getRotate)??lS)(p,this);if(y.multiply(new C(((s=this.controllers)==null?void 0:s.rotateSpeed)??Pf,((r=this.controllers)==null?void 0:r.rotateSpeed)??Pf,((a=this.controllers)==null?void 0:a.rollSpeed)??sS)),y.manhattanLength()>0){y.multiplyScalar(f);let w=new In(-y.y,-y.x,y.z,"YXZ"),E=new oe().setFromEuler(w),x=t.getWorldPosition(new C);(o=g.parent)==null||o.worldToLocal(x),g.position.sub(x),g.position.applyQuaternion(E),g.position.add(x),g.quaternion.premultiply(E)}let M=(((c=this.controllers)==null?void 0:c.getMove)??oS)(p,this),b=((l=this.controllers)==null?void 0:l.moveSpeed)??iS;(((u=this.controllers)==null?void 0:u.getFast)??cS)(p,this)&&(b*=rS),(((h=this.controllers)==null?void 0:h.getSlow)??uS)(p,this)&&(b*=aS),(d=this.controllers)!=null&&d.moveHeading?M.applyQuaternion(t.quaternion):(m=this.controllers)!=null&&m.moveDirection&&(ll.setFromQuaternion(t.quaternion,"YXZ"),ll.x=0,ll.z=0,Df.setFromEuler(ll),M.applyQuaternion(Df)),M.applyQuaternion(g.quaternion),M.multiplyScalar(f*b),g.position.add(M)}updateHands({xrFrame:t}){let e=this.renderer.xr.getSession();if(!e)return;let n=this.renderer.xr.getReferenceSpace();if(n&&t.getJointPose){for(let s of this.hands)s&&(s.lastJoints=s.joints,s.joints=void 0);for(let s of e.inputSources){if(!s.hand)continue;let r=s.handedness,a=this.hands[r==="left"?0:1];if(a)for(let o of fs){let c=s.hand.get(Tl[o]);if(c){let l=t.getJointPose(c,n);if(l){let{position:u,orientation:h}=l.transform;a.joints||(a.joints={}),a.joints[o]={position:new C(u.x,u.y,u.z),quaternion:new oe(h.x,h.y,h.z,h.w),radius:dp[o]}}}}}}}makeJointSplats(t){let e=new ih(t);return e.onFrame=()=>{let n=this.hands[t==="left"?0:1],s=n?.joints;e.updateJoints(s)},e}snapshotHands(t){var e,n;let s=[(e=this.hands[0])==null?void 0:e.snapshotJoints(),(n=this.hands[1])==null?void 0:n.snapshotJoints()];return{time:t,hands:s}}};Yn.JointEnum=Tl;Yn.JOINT_IDS=fs;Yn.NUM_JOINTS=hS;Yn.JOINT_INDEX=dS;Yn.JOINT_RADIUS=dp;Yn.JOINT_SEGMENTS=fS;Yn.JOINT_SEGMENT_STEPS=pS;Yn.JOINT_TIPS=mS;Yn.FINGER_TIPS=gS;Yn.Hand=ph;Yn.HANDS=xS;var ou=i=>Math.round(i*1e4)/1e4,ll=new In(0,0,0,"YXZ"),Df=new oe,vT=new oe;var xl=class i{constructor(t){this.hand=t}static newFromSnapshot(t,e){let n=new i(t);n.joints={};for(let s of fs){let r=e[s];r&&(n.joints[s]={position:new C(r.pos[0],r.pos[1],r.pos[2]),quaternion:new oe(r.quat[0],r.quat[1],r.quat[2],r.quat[3]),radius:r.radius})}return n}valid(){return!!this.joints}snapshotJoints(){if(!this.joints)return;let t={};for(let e of fs){let n=this.joints[e];n&&(t[e]={pos:n.position.toArray().map(ou),quat:n.quaternion.toArray().map(ou),radius:ou(n.radius)})}return t}toFlatArray(){if(!this.joints)return;let t=new Float32Array(176);t[0]=this.hand==="left"?0:1;let e=1;for(let n of fs){let s=this.joints[n];s&&(t[e]=s.position.x,t[e+1]=s.position.y,t[e+2]=s.position.z,t[e+3]=s.quaternion.x,t[e+4]=s.quaternion.y,t[e+5]=s.quaternion.z,t[e+6]=s.quaternion.w),e+=7}return t}};var ih=class extends wi{constructor(t){super({}),this.scratchCenter=new C,this.scratchQuat=new oe(0,0,0,1),this.scratchScales=new C().setScalar(.01),this.scratchColor=new Ot(1,1,1),this.hand=t}updateJoints(t){if(this.visible=!1,!t||!this.packedSplats)return;this.visible=!0;let e=0;for(let n of fs){let s=t[n];if(!s)continue;this.scratchCenter.copy(s.position),this.scratchQuat.copy(s.quaternion),this.scratchScales.set(s.radius,.75*s.radius,1.5*s.radius),this.packedSplats.setSplat(e,this.scratchCenter,this.scratchScales,this.scratchQuat,.75,this.scratchColor),e+=1}this.packedSplats.numSplats=e,this.packedSplats.needsUpdate=!0,this.numSplats=e,this.updateVersion()}};var pp=(i=>(i.w="wrist",i.t0="thumb-metacarpal",i.t1="thumb-phalanx-proximal",i.t2="thumb-phalanx-distal",i.t3="thumb-tip",i.i0="index-finger-metacarpal",i.i1="index-finger-phalanx-proximal",i.i2="index-finger-phalanx-intermediate",i.i3="index-finger-phalanx-distal",i.i4="index-finger-tip",i.m0="middle-finger-metacarpal",i.m1="middle-finger-phalanx-proximal",i.m2="middle-finger-phalanx-intermediate",i.m3="middle-finger-phalanx-distal",i.m4="middle-finger-tip",i.r0="ring-finger-metacarpal",i.r1="ring-finger-phalanx-proximal",i.r2="ring-finger-phalanx-intermediate",i.r3="ring-finger-phalanx-distal",i.r4="ring-finger-tip",i.p0="pinky-finger-metacarpal",i.p1="pinky-finger-phalanx-proximal",i.p2="pinky-finger-phalanx-intermediate",i.p3="pinky-finger-phalanx-distal",i.p4="pinky-finger-tip",i))(pp||{}),_S=Object.keys(pp),_T=_S.length;var mp=(i=>(i.left="left",i.right="right",i))(mp||{}),ST=Object.keys(mp);var bT={KeyW:new C(0,0,-1),KeyS:new C(0,0,1),KeyA:new C(-1,0,0),KeyD:new C(1,0,0),KeyE:new C(0,1,0),KeyQ:new C(0,-1,0)},MT={ArrowUp:new C(0,0,-1),ArrowDown:new C(0,0,1),ArrowLeft:new C(-1,0,0),ArrowRight:new C(1,0,0),PageUp:new C(0,1,0),PageDown:new C(0,-1,0)};new C(0,0,1),new C(0,0,-1);var wT={Home:new C(0,-1,0),End:new C(0,1,0),Insert:new C(-1,0,0),Delete:new C(1,0,0)};var El={yaw:25,pitch:12,near:.45,far:1.25},gp=(i,t)=>Math.min(t,Math.max(-t,i)),Al=class{constructor(t){this.distance=t,this.reset()}reset(){this.yaw=0,this.pitch=0,this.zoom=1}turn(t,e){this.yaw=gp(this.yaw+t,El.yaw),this.pitch=gp(this.pitch+e,El.pitch)}approach(t){this.zoom=Math.min(El.far,Math.max(El.near,this.zoom/t))}place(){let[t,e]=[this.yaw,this.pitch].map(s=>s*Math.PI/180),n=this.distance*this.zoom;return[n*Math.sin(t)*Math.cos(e),n*Math.sin(e),n*Math.cos(t)*Math.cos(e)]}};function xp(i,t,e=1.06){let n=Math.max(.001,-i.max.z),s=Math.max(Math.abs(i.min.y),Math.abs(i.max.y),Math.abs(i.min.x)/t,Math.abs(i.max.x)/t);return 2*Math.atan(e*s/n)*180/Math.PI}var SS={ArrowLeft:i=>i.turn(-4,0),ArrowRight:i=>i.turn(4,0),ArrowUp:i=>i.turn(0,4),ArrowDown:i=>i.turn(0,-4),"+":i=>i.approach(1.12),"=":i=>i.approach(1.12),"-":i=>i.approach(.8928571428571428),0:i=>i.reset(),Home:i=>i.reset()};function yp(i,t,e){let n=new AbortController,s=(o,c,l={})=>i.addEventListener(o,c,{signal:n.signal,...l}),r=new Map,a=()=>{let[o,c]=[...r.values()];return Math.hypot(o.x-c.x,o.y-c.y)};s("keydown",o=>{let c=SS[o.key];!c||o.ctrlKey||o.metaKey||o.altKey||(o.preventDefault(),c(t),e())}),s("pointerdown",o=>{i.setPointerCapture(o.pointerId),r.set(o.pointerId,{x:o.clientX,y:o.clientY})}),s("pointermove",o=>{let c=r.get(o.pointerId);if(!c)return;let l=r.size===2?a():0;r.set(o.pointerId,{x:o.clientX,y:o.clientY});let u=70/i.clientWidth;r.size===1?t.turn(-(o.clientX-c.x)*u,(o.clientY-c.y)*u):l>0&&t.approach(a()/l),e()});for(let o of["pointerup","pointercancel"])s(o,c=>r.delete(c.pointerId));return s("wheel",o=>{document.activeElement===i&&(o.preventDefault(),t.approach(o.deltaY<0?1.12:1/1.12),e())},{passive:!1}),()=>n.abort()}var bS=1.75,vp=15;async function DT(i,t,{fov:e=null,told:n=()=>{}}={}){await dh;let s=new el({canvas:i,alpha:!0,antialias:!1,powerPreference:"low-power"}),r=new wr,a=new hp({renderer:s});r.add(a);let o=new wi({fileBytes:t});await o.initialized,o.quaternion.set(1,0,0,0),r.add(o),o.updateMatrixWorld();let c=new C,l=new un().copy(o.getBoundingBox(!0)).applyMatrix4(o.matrixWorld);l.getCenter(c);let u=new C(0,0,c.z),h=new Al(-c.z),d=new qe(e??40,1,h.distance/50,h.distance*20),m=!0,g=0,v=!1,f=()=>{m=!0};a.onDirty=f;let p=()=>{let{clientWidth:w,clientHeight:E}=i;!w||!E||(s.setPixelRatio(Math.min(devicePixelRatio,bS)),s.setSize(w,E,!1),d.aspect=w/E,d.fov=e??xp(l,d.aspect),d.updateProjectionMatrix(),f())},y=new ResizeObserver(p);y.observe(i),p(),s.setAnimationLoop(()=>{if(!m&&g>=vp)return;m=!1;let[w,E,x]=h.place();d.position.set(u.x+w,u.y+E,u.z+x),d.lookAt(u),s.render(r,d),g+=1,g===vp&&n("ready")});let M=w=>{w.preventDefault(),n("lost")};i.addEventListener("webglcontextlost",M);let b=yp(i,h,f);return{orbit:h,draw:f,splats:o.numSplats,close(){v||(v=!0,s.setAnimationLoop(null),i.removeEventListener("webglcontextlost",M),b(),y.disconnect(),r.remove(o,a),o.dispose(),a.dispose(),s.dispose(),s.forceContextLoss())}}}export{DT as show};
